// Bytes of a client, in one piece and in two: the same requests, and each can be routed, answered or split.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "ambassador/redis/reply_scanner.hpp"
#include "ambassador/redis/router.hpp"
#include "ambassador/redis/session.hpp"

using namespace tandem::redis;

namespace {

void need(bool truth) {
  if (!truth) std::abort();
}

bool is_one_reply(std::string_view bytes) {
  ReplyScanner scanner;
  return scanner.next(bytes) == ReplyScanner::Result::complete && scanner.size() == bytes.size();
}

SlotMap one_node() {
  SlotMap map;
  map.assign(0, slot_count - 1, 0);
  return map;
}

void use(const Command& command, const SlotMap& map) {
  const CommandRow* row = find_command(command.args[0]);
  const Route decision = route(command, row, map);
  if (decision.target == Target::split) {
    std::size_t keys = 0;
    for (const SplitPart& part : plan_split(command, *row)) keys += part.keys.size();
    need(keys == (command.args.size() - 1) / static_cast<std::size_t>(row->step));
  } else if (decision.target == Target::here) {
    Session session;
    Answers answers;
    answers.username = "default";
    std::string out;
    bool close = false;
    answer_here(command, *row, session, answers, out, close);
    need(is_one_reply(out));
  } else if (decision.target == Target::refuse) {
    need(!refusal_text(decision.refusal, command, row).empty());
  }
}

// Every request of `bytes` when the first `known` bytes came alone; the text of the error at its end, if any.
std::vector<std::string> requests_of(std::string_view bytes, std::size_t known, const SlotMap& map) {
  RequestLimits limits;
  limits.request_bytes = 1 << 20;
  RequestParser parser(limits);
  Command command;
  std::vector<std::string> requests;
  std::size_t begin = 0;
  for (;;) {
    const auto result = parser.next(bytes.substr(begin, known - begin), command);
    if (result == RequestParser::Result::need_more) {
      if (known == bytes.size()) return requests;
      known = bytes.size();
      continue;
    }
    if (result == RequestParser::Result::error) {
      requests.push_back(parser.error());
      return requests;
    }
    need(parser.consumed() > 0 && parser.consumed() <= known - begin);
    if (result == RequestParser::Result::command) {
      need(!command.args.empty());
      requests.emplace_back(command.raw);
      use(command, map);
    }
    begin += parser.consumed();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const SlotMap map = one_node();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  need(requests_of(bytes, size, map) == requests_of(bytes, size / 2, map));
  return 0;
}
