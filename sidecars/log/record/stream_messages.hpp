// The messages in a stream of bytes, as they come in pieces: lines, or syslog's two framings.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace tandem::shipper {

enum class StreamFraming {
  lines,   // each ends with a newline; empty ones count
  syslog,  // counted or ended by a newline, told apart message by message (RFC 6587); empty ones do not count
};

class StreamMessages {
 public:
  // `most`: bytes of one message that are held while its end has not come. A longer line goes on in parts; a longer
  // counted message breaks the stream.
  StreamMessages(StreamFraming framing, std::size_t most) : framing_(framing), most_(most) {}

  // `whole` false: the message goes on with the next. Views end with the call.
  using Emit = std::function<void(std::string_view text, bool whole)>;
  // The next bytes of the stream; at_end: nothing follows. False: nothing more can be found in it, as a count is none
  // or too large.
  bool feed(std::string_view bytes, bool at_end, const Emit& emit);
  std::size_t held_bytes() const { return rest_.empty() ? 0 : rest_.capacity(); }

 private:
  StreamFraming framing_;
  std::size_t most_;
  bool in_line_ = false, broken_ = false;
  std::string rest_;  // the beginning of a message
};

}  // namespace tandem::shipper
