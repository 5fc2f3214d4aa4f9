#include "sidecars/log/record/stream_messages.hpp"

#include "sidecars/log/record/syslog_frames.hpp"

namespace tandem::shipper {

bool StreamMessages::feed(std::string_view bytes, bool at_end, const Emit& emit) {
  if (broken_) return false;
  std::string joined;
  if (!rest_.empty()) {
    joined = std::move(rest_);
    joined += bytes;
    bytes = joined;
    rest_.clear();
  }
  const bool lines = framing_ == StreamFraming::lines;
  while (!bytes.empty()) {
    const SyslogFrame frame = next_syslog_frame(bytes, most_, at_end, lines || in_line_);
    if (frame.kind == SyslogFrame::Kind::incomplete) break;
    if (frame.kind != SyslogFrame::Kind::message) {
      broken_ = true;
      return false;
    }
    bytes.remove_prefix(frame.consumed);
    if (lines || in_line_ || !frame.text.empty()) emit(frame.text, !frame.cut);
    in_line_ = frame.cut;
  }
  if (at_end && in_line_) {  // it was cut where it ended
    emit({}, true);
    in_line_ = false;
  }
  if (!at_end) rest_ = !bytes.empty() && bytes.data() == joined.data() ? std::move(joined) : std::string(bytes);
  if (at_end && !bytes.empty()) emit(bytes, true);  // less than was counted came: better that than nothing
  return true;
}

}  // namespace tandem::shipper
