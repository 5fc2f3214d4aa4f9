// Messages of a stream of syslog over TCP or TLS (RFC 6587): counted ("83 <34>1 ...") or ended by a newline, told apart
// message by message by the first byte, as rsyslog does.
#pragma once

#include <cstddef>
#include <string_view>

namespace tandem::shipper {

struct SyslogFrame {
  enum class Kind {
    message,     // `text` is one
    incomplete,  // more bytes are needed
    too_long,    // counted, and longer than the bound: nothing after it can be found, close the connection
    broken,      // a count that is no count; the same
  };
  Kind kind = Kind::incomplete;
  std::string_view text;     // without count, newline and a CR before it; may be empty
  std::size_t consumed = 0;  // bytes of the buffer that are done with, with a message
  bool cut = false;  // a line that was longer than the bound: this is its beginning, its rest are further messages
};

// The first message of `bytes`. `most`: bytes of one message; a caller never needs to hold more than most + 12.
// in_line: the message before was cut, so these bytes are no count. at_end: nothing follows, so a last line without a
// newline is a message too.
SyslogFrame next_syslog_frame(std::string_view bytes, std::size_t most, bool at_end, bool in_line = false);

}  // namespace tandem::shipper
