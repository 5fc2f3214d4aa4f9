#include "ambassador/redis/merge.hpp"

#include <algorithm>
#include <limits>

#include "ambassador/redis/reply_scanner.hpp"
#include "ambassador/redis/reply_text.hpp"

namespace tandem::redis {
namespace {

constexpr std::string_view odd_reply = "ERR tandem-redis: a node's reply has not the shape that this command's has";

// Cuts an array reply into its items. False: it is no array.
bool cut_items(std::string_view bytes, std::vector<std::string_view>& items) {
  const std::size_t end = bytes.find("\r\n");
  long long count = 0;
  if (bytes.empty() || bytes[0] != '*' || end == bytes.npos) return false;
  if (!parse_integer(bytes.substr(1, end - 1), count) || count < 0) return false;
  bytes.remove_prefix(end + 2);
  for (long long i = 0; i < count; ++i) {
    ReplyScanner scanner;
    if (scanner.next(bytes) != ReplyScanner::Result::complete) return false;
    items.push_back(bytes.substr(0, scanner.size()));
    bytes.remove_prefix(scanner.size());
  }
  return bytes.empty();
}

bool read_integer_reply(std::string_view bytes, long long& number) {
  return bytes.size() > 3 && bytes[0] == ':' && parse_integer(bytes.substr(1, bytes.size() - 3), number);
}

void append_items(std::span<const std::string_view> items, std::string& out) {
  append_array_header(out, items.size());
  for (const auto item : items) out += item;
}

bool merge_values(std::span<const PartReply> parts, std::string& out) {
  std::size_t total = 0;
  for (const PartReply& part : parts) total += part.keys.size();
  std::vector<std::string_view> ordered(total), items;
  for (const PartReply& part : parts) {
    items.clear();
    if (!cut_items(part.bytes, items) || items.size() != part.keys.size()) return false;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (part.keys[i] >= total) return false;
      ordered[part.keys[i]] = items[i];
    }
  }
  append_items(ordered, out);
  return true;
}

bool merge_sum(std::span<const PartReply> parts, std::string& out) {
  long long sum = 0;
  for (const PartReply& part : parts) {
    long long number = 0;
    if (!read_integer_reply(part.bytes, number) || __builtin_add_overflow(sum, number, &sum)) return false;
  }
  append_integer(out, sum);
  return true;
}

bool merge_lists(std::span<const PartReply> parts, std::string& out) {
  std::vector<std::string_view> items;
  for (const PartReply& part : parts)
    if (!cut_items(part.bytes, items)) return false;
  append_items(items, out);
  return true;
}

bool merge_minimum(std::span<const PartReply> parts, std::string& out) {
  std::vector<long long> least;
  for (const PartReply& part : parts) {
    std::vector<std::string_view> items;
    if (!cut_items(part.bytes, items)) return false;
    if (&part == &parts.front()) least.assign(items.size(), std::numeric_limits<long long>::max());
    if (items.size() != least.size()) return false;
    for (std::size_t i = 0; i < items.size(); ++i) {
      long long number = 0;
      if (!read_integer_reply(items[i], number)) return false;
      least[i] = std::min(least[i], number);
    }
  }
  append_array_header(out, least.size());
  for (const long long number : least) append_integer(out, number);
  return true;
}

bool merge_by_kind(MergeKind kind, std::span<const PartReply> parts, std::string& out) {
  switch (kind) {
    case MergeKind::values:
      return merge_values(parts, out);
    case MergeKind::sum:
      return merge_sum(parts, out);
    case MergeKind::concatenate:
      return merge_lists(parts, out);
    case MergeKind::minimum:
      return merge_minimum(parts, out);
    case MergeKind::all_ok:
      out += parts.front().bytes;
      return true;
    case MergeKind::none:
    case MergeKind::info:
      return false;
  }
  return false;
}

}  // namespace

void merge_replies(MergeKind kind, std::span<const PartReply> parts, std::string& out) {
  for (const PartReply& part : parts) {
    if (!part.bytes.empty() && part.bytes[0] == '-') {
      out += part.bytes;
      return;
    }
  }
  const std::size_t before = out.size();
  if (!parts.empty() && merge_by_kind(kind, parts, out)) return;
  out.resize(before);
  append_error(out, odd_reply);
}

}  // namespace tandem::redis
