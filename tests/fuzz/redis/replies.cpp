// Bytes of a node: scanned in one piece and byte by byte with the same end, read as everything a reply is read as.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "ambassador/redis/info.hpp"
#include "ambassador/redis/merge.hpp"
#include "ambassador/redis/redirect.hpp"
#include "ambassador/redis/reply_scanner.hpp"
#include "ambassador/redis/scan.hpp"

using namespace tandem::redis;

namespace {

void need(bool truth) {
  if (!truth) std::abort();
}

constexpr std::size_t limit = 1 << 20;

// A piecewise scan says complete exactly where the whole one does, unless the whole one finds an error first.
void compare_scans(std::string_view bytes, ReplyScanner::Result whole, std::size_t size) {
  ReplyScanner scanner(limit);
  for (std::size_t n = 0; n <= bytes.size() && n < 4096; ++n) {
    const auto result = scanner.next(bytes.substr(0, n));
    if (result == ReplyScanner::Result::need_more) continue;
    need(result == whole);
    if (whole == ReplyScanner::Result::complete) need(n == size && scanner.size() == size);
    return;
  }
}

void merge_all(std::string_view reply) {
  const PartReply parts[] = {{std::string(reply), {0}}, {std::string(reply), {1}}};
  for (const MergeKind kind :
       {MergeKind::values, MergeKind::sum, MergeKind::all_ok, MergeKind::concatenate, MergeKind::minimum}) {
    std::string out;
    merge_replies(kind, parts, out);
    ReplyScanner scanner;
    need(scanner.next(out) == ReplyScanner::Result::complete && scanner.size() == out.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  ReplyScanner scanner(limit);
  const auto result = scanner.next(bytes);
  compare_scans(bytes, result, scanner.size());
  if (result != ReplyScanner::Result::complete) return 0;
  const std::string_view reply = bytes.substr(0, scanner.size());
  static_cast<void>(redirect(reply, 0, "127.0.0.1"));
  Reply tree;
  if (parse_reply(reply, tree)) {
    std::vector<SlotRange> ranges;
    read_cluster_slots(tree, "127.0.0.1", ranges);
    const std::string_view texts[] = {tree.text};
    merge_info(texts, {}, InfoFacts());
  }
  merge_all(reply);
  SlotMap map;
  map.assign(0, slot_count - 1, 0);
  scan_reply(reply, map, 0);
  return 0;
}
