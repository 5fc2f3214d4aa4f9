#include "ambassador/redis/reply_scanner.hpp"

#include <algorithm>
#include <cstring>

#include "ambassador/redis/reply_text.hpp"

namespace tandem::redis {
namespace {

constexpr std::size_t longest_line = 64 * 1024;  // of a simple string or an error
constexpr int deepest = 16;

// The offset after the line that starts at `from`; npos: it is not complete.
std::size_t line_end(std::string_view bytes, std::size_t from) {
  for (;;) {
    const auto* cr = static_cast<const char*>(std::memchr(bytes.data() + from, '\r', bytes.size() - from));
    if (!cr) return bytes.npos;
    from = static_cast<std::size_t>(cr - bytes.data()) + 1;
    if (from == bytes.size()) return bytes.npos;
    if (bytes[from] == '\n') return from + 1;
  }
}

bool parse_at(std::string_view bytes, std::size_t& at, Reply& reply, int depth, std::size_t& elements_left) {
  if (depth > deepest || at >= bytes.size() || elements_left-- == 0) return false;
  const std::size_t end = line_end(bytes, at);
  if (end == bytes.npos) return false;
  const char type = bytes[at];
  const std::string_view line = bytes.substr(at + 1, end - at - 3);
  at = end;
  reply = {};
  switch (type) {
    case '+':
      reply.kind = Reply::Kind::simple, reply.text = line;
      return true;
    case '-':
      reply.kind = Reply::Kind::error, reply.text = line;
      return true;
    case ':':
      reply.kind = Reply::Kind::integer, reply.text = line;
      return parse_integer(line, reply.integer);
    case '$':
    case '*':
      break;
    default:
      return false;
  }
  long long count = 0;
  if (!parse_integer(line, count) || count < -1) return false;
  if (count == -1) return true;
  const auto size = static_cast<std::size_t>(count);
  if (type == '$') {
    if (bytes.size() - at < 2 || size > bytes.size() - at - 2) return false;
    reply.kind = Reply::Kind::bulk, reply.text = bytes.substr(at, size);
    at += size + 2;
    return bytes[at - 2] == '\r' && bytes[at - 1] == '\n';
  }
  reply.kind = Reply::Kind::array;
  for (std::size_t i = 0; i < size; ++i)
    if (!parse_at(bytes, at, reply.items.emplace_back(), depth + 1, elements_left)) return false;
  return true;
}

}  // namespace

ReplyScanner::Result ReplyScanner::next(std::string_view unread) {
  if (!started_) started_ = true, position_ = 0, wanted_ = 0, searched_ = 0, remaining_ = 1;
  while (remaining_ > 0) {
    if (position_ > limit_) return Result::error;
    if (wanted_ > position_) {  // inside a bulk string
      if (unread.size() < wanted_) return Result::need_more;
      if (unread[wanted_ - 2] != '\r' || unread[wanted_ - 1] != '\n') return Result::error;
      position_ = wanted_;
      --remaining_;
      continue;
    }
    if (position_ >= unread.size()) return Result::need_more;
    const std::size_t end = line_end(unread, searched_ > position_ ? searched_ : position_);
    if (end == unread.npos) {
      if (unread.size() - position_ > longest_line) return Result::error;
      searched_ = unread.size() - 1;  // its last byte may be half of the line's end
      return Result::need_more;
    }
    const char type = unread[position_];
    if (type == '+' || type == '-') {
      position_ = end;
      --remaining_;
      continue;
    }
    long long number = 0;
    if (!parse_integer(unread.substr(position_ + 1, end - position_ - 3), number)) return Result::error;
    if (type == ':') {
      --remaining_;
    } else if (type == '*') {
      if (number < -1 || number > static_cast<long long>(limit_)) return Result::error;
      remaining_ += static_cast<std::size_t>(number < 0 ? 0 : number);
      --remaining_;
    } else if (type == '$') {
      if (number < -1 || number > static_cast<long long>(limit_)) return Result::error;
      if (number < 0)
        --remaining_;
      else
        wanted_ = end + static_cast<std::size_t>(number) + 2;
    } else {
      return Result::error;
    }
    position_ = end;
  }
  started_ = false;
  return Result::complete;
}

std::size_t ReplyScanner::pass_over(std::size_t shown) {
  const std::size_t seen = wanted_ > position_ ? std::min(shown, wanted_ - 2) : position_;
  position_ -= std::min(position_, seen);
  wanted_ -= std::min(wanted_, seen);
  searched_ -= std::min(searched_, seen);
  return seen;
}

bool parse_reply(std::string_view bytes, Reply& reply, std::size_t most_elements) {
  std::size_t at = 0;
  return parse_at(bytes, at, reply, 0, most_elements) && at == bytes.size();
}

}  // namespace tandem::redis
