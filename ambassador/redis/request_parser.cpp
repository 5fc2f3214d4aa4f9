#include "ambassador/redis/request_parser.hpp"

#include <cctype>
#include <cstring>

#include "ambassador/redis/reply_text.hpp"

namespace tandem::redis {
namespace {

constexpr std::size_t longest_number_line = 32;
constexpr long long stranger_arguments = 10, stranger_bulk_bytes = 16 * 1024;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char unescaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return c;
  }
}

bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) || c == '\0'; }

// Reads a quoted word whose opening quote stands before `at`; leaves `at` after the closing one.
bool read_quoted(std::string_view line, char quote, std::size_t& at, std::string& word) {
  for (; at < line.size(); ++at) {
    const char c = line[at];
    const std::size_t left = line.size() - at;
    if (quote == '"' && c == '\\' && left > 3 && line[at + 1] == 'x' && hex_digit(line[at + 2]) >= 0 &&
        hex_digit(line[at + 3]) >= 0) {
      word += static_cast<char>(hex_digit(line[at + 2]) * 16 + hex_digit(line[at + 3]));
      at += 3;
    } else if (quote == '"' && c == '\\' && left > 1) {
      word += unescaped(line[++at]);
    } else if (quote == '\'' && c == '\\' && left > 1 && line[at + 1] == '\'') {
      word += '\'', ++at;
    } else if (c == quote) {
      ++at;
      return at == line.size() || is_blank(line[at]);
    } else {
      word += c;
    }
  }
  return false;
}

}  // namespace

bool split_inline(std::string_view line, std::vector<std::string>& args) {
  args.clear();
  std::size_t at = 0;
  for (;;) {
    while (at < line.size() && is_blank(line[at])) ++at;
    if (at == line.size()) return true;
    std::string word;
    bool quoted = false;
    while (at < line.size() && !is_blank(line[at]) && !quoted) {
      const char c = line[at++];
      if (c == '"' || c == '\'') {
        if (!read_quoted(line, c, at, word)) return false;
        quoted = true;
      } else {
        word += c;
      }
    }
    args.push_back(std::move(word));
  }
}

void append_request(std::string& out, const std::vector<std::string_view>& args) {
  append_array_header(out, args.size());
  for (const auto arg : args) append_bulk(out, arg);
}

RequestParser::Result RequestParser::fail(std::string text) {
  error_ = "ERR Protocol error: " + std::move(text);
  return Result::error;
}

RequestParser::Result RequestParser::refuse_size(std::string text) {
  too_big_ = true;
  return fail(std::move(text));
}

void RequestParser::restart() {
  started_ = true, in_array_ = false;
  remaining_ = 0, bulk_length_ = -1, position_ = 0, wanted_ = 0;
  spans_.clear();
}

RequestParser::Line RequestParser::read_integer(std::string_view unread, long long& value, std::size_t& after) const {
  const char* const begin = unread.data() + position_ + 1;
  const std::size_t left = unread.size() - position_ - 1;
  const auto* const cr = static_cast<const char*>(std::memchr(begin, '\r', left < 32 ? left : longest_number_line));
  if (!cr) return left >= longest_number_line ? Line::bad : Line::partial;
  if (cr + 1 >= unread.data() + unread.size()) return Line::partial;
  if (cr[1] != '\n') return Line::bad;
  after = static_cast<std::size_t>(cr + 2 - unread.data());
  return parse_integer({begin, static_cast<std::size_t>(cr - begin)}, value) ? Line::complete : Line::bad;
}

RequestParser::Result RequestParser::next(std::string_view unread, Command& command) {
  if (!started_) restart();
  if (unread.empty()) return Result::need_more;
  const Result result = unread[0] == '*' ? parse_array(unread, command) : parse_inline(unread, command);
  if (result != Result::need_more) started_ = false;
  return result;
}

RequestParser::Result RequestParser::parse_inline(std::string_view unread, Command& command) {
  const std::size_t end = unread.find('\n', wanted_ > 0 ? wanted_ - 1 : 0);
  if (end == unread.npos) {
    if (unread.size() > limits_.inline_bytes) return fail("too big inline request");
    wanted_ = unread.size() + 1;
    return Result::need_more;
  }
  if (end > limits_.inline_bytes) return fail("too big inline request");
  position_ = end + 1;
  const std::size_t length = end > 0 && unread[end - 1] == '\r' ? end - 1 : end;
  if (!split_inline(unread.substr(0, length), inline_args_)) return fail("unbalanced quotes in request");
  if (inline_args_.empty()) return Result::empty;
  command.args.assign(inline_args_.begin(), inline_args_.end());
  inline_raw_.clear();
  append_request(inline_raw_, command.args);
  command.raw = inline_raw_;
  return Result::command;
}

RequestParser::Result RequestParser::parse_array(std::string_view unread, Command& command) {
  long long number = 0;
  std::size_t after = 0;
  if (!in_array_) {
    switch (read_integer(unread, number, after)) {
      case Line::bad:
        return fail("invalid multibulk length");
      case Line::partial:
        return Result::need_more;
      case Line::complete:
        break;
    }
    position_ = after;
    if (number <= 0) return Result::empty;
    if (number > static_cast<long long>(limits_.arguments)) return fail("invalid multibulk length");
    if (stranger_ && number > stranger_arguments) return refuse_size("unauthenticated multibulk length");
    remaining_ = static_cast<std::size_t>(number);
    in_array_ = true;
  }
  while (remaining_ > 0) {
    if (bulk_length_ < 0) {
      if (position_ >= unread.size()) return Result::need_more;
      if (unread[position_] != '$') return fail(std::string("expected '$', got '") + unread[position_] + "'");
      switch (read_integer(unread, number, after)) {
        case Line::bad:
          return fail("invalid bulk length");
        case Line::partial:
          return Result::need_more;
        case Line::complete:
          break;
      }
      if (number < 0 || number > static_cast<long long>(limits_.bulk_bytes)) return fail("invalid bulk length");
      if (stranger_ && number > stranger_bulk_bytes) return refuse_size("unauthenticated bulk length");
      if (after + static_cast<std::size_t>(number) + 2 > limits_.request_bytes) return refuse_size("too big request");
      bulk_length_ = number;
      position_ = after;
    }
    const auto length = static_cast<std::size_t>(bulk_length_);
    wanted_ = position_ + length + 2;
    if (unread.size() < wanted_) return Result::need_more;
    spans_.push_back({position_, length});
    position_ = wanted_;
    bulk_length_ = -1;
    --remaining_;
  }
  command.args.clear();
  for (const Span& span : spans_) command.args.push_back(unread.substr(span.offset, span.length));
  command.raw = unread.substr(0, position_);
  return Result::command;
}

}  // namespace tandem::redis
