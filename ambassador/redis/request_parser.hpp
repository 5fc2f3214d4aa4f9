// Requests of clients: RESP arrays of bulk strings, and inline commands.
// https://redis.io/docs/reference/protocol-spec/#sending-commands-to-a-redis-server
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::redis {

struct RequestLimits {
  std::size_t arguments = 1024 * 1024;
  std::size_t bulk_bytes = std::size_t{512} << 20;     // proto-max-bulk-len
  std::size_t request_bytes = std::size_t{512} << 20;  // of one request as it came
  std::size_t inline_bytes = 64 * 1024;
};

// One request. Views into the parsed bytes (an inline command's: into the parser), valid until either changes.
struct Command {
  std::string_view raw;                // the request in RESP, as it is sent on
  std::vector<std::string_view> args;  // args[0] is the name
};

class RequestParser {
 public:
  explicit RequestParser(RequestLimits limits = {}) : limits_(limits) {}

  enum class Result { command, empty, need_more, error };

  // Looks at `unread`: all bytes received and not yet consumed, from the same start on each call until it returns
  // something else than need_more; work done on earlier calls is not done again.
  //   command: `command` is filled, consumed() bytes belong to it
  //   empty: consumed() bytes hold no command (an empty line, *0)
  //   error: error() is the text of Redis' reply, without "-" and line end; the connection can only be closed
  Result next(std::string_view unread, Command& command);

  std::size_t consumed() const { return position_; }  // of the last command or empty; the caller drops them
  const std::string& error() const { return error_; }
  bool too_big() const { return too_big_; }  // after error: request_bytes or what a stranger may send
  // A client that has not sent its AUTH may send 10 arguments of 16 KiB, as at Redis.
  void of_stranger(bool stranger) { stranger_ = stranger; }
  std::size_t wanted() const { return wanted_; }  // after need_more: total bytes known to be needed, at least

 private:
  struct Span {
    std::size_t offset, length;
  };

  Result parse_inline(std::string_view unread, Command& command);
  Result parse_array(std::string_view unread, Command& command);
  Result fail(std::string text);
  Result refuse_size(std::string text);
  // The integer after a type byte at position_: true when the whole line is there.
  enum class Line { complete, partial, bad };
  Line read_integer(std::string_view unread, long long& value, std::size_t& after) const;
  void restart();

  RequestLimits limits_;
  bool started_ = false, in_array_ = false, stranger_ = false, too_big_ = false;
  std::size_t remaining_ = 0;   // arguments that are not parsed yet
  long long bulk_length_ = -1;  // of the argument at position_, when its header is parsed
  std::size_t position_ = 0, wanted_ = 0;
  std::vector<Span> spans_;
  std::vector<std::string> inline_args_;
  std::string inline_raw_;
  std::string error_;
};

// Splits an inline command as Redis does: blanks, "..." with \n \r \t \b \a \xHH, '...' with \'. False: unbalanced
// quotes.
bool split_inline(std::string_view line, std::vector<std::string>& args);

void append_request(std::string& out, const std::vector<std::string_view>& args);  // as RESP

}  // namespace tandem::redis
