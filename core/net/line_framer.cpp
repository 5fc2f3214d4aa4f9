#include "core/net/line_framer.hpp"

#include <algorithm>

namespace tandem::net {

void LineFramer::hand_over(std::string_view line, const OnLine& on_line) {
  bool truncated = truncated_;
  if (!truncated && line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() > limit_) line = line.substr(0, limit_), truncated = true;
  on_line(line, truncated);
  partial_.clear();
  truncated_ = false;
}

void LineFramer::feed(std::string_view bytes, const OnLine& on_line) {
  while (!bytes.empty()) {
    auto end = bytes.find('\n');
    bool ends = end != std::string_view::npos;
    auto piece = bytes.substr(0, ends ? end : bytes.size());
    bytes.remove_prefix(ends ? end + 1 : bytes.size());
    if (ends && partial_.empty() && !truncated_) {
      hand_over(piece, on_line);
      continue;
    }
    // One byte more than the limit is kept: it may be the CR of the ending.
    auto room = limit_ + 1 - std::min(limit_ + 1, partial_.size());
    partial_.append(piece.substr(0, room));
    if (piece.size() > room) truncated_ = true;
    if (ends)
      hand_over(partial_.size() > limit_ && truncated_ ? std::string_view(partial_).substr(0, limit_)
                                                       : std::string_view(partial_),
                on_line);
  }
}

void LineFramer::finish(const OnLine& on_line) {
  if (partial_.empty() && !truncated_) return;
  hand_over(std::string_view(partial_).substr(0, std::min(limit_ + !truncated_, partial_.size())), on_line);
}

}  // namespace tandem::net
