// Cuts a stream of bytes into lines.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace tandem::net {

// Lines end with LF; a CR before it belongs to the ending. A line longer than the limit is handed over once, cut to the
// limit, with truncated = true, when its end is seen; the rest of it is dropped. Memory is bounded by the limit.
class LineFramer {
 public:
  using OnLine = std::function<void(std::string_view line, bool truncated)>;

  explicit LineFramer(std::size_t limit_bytes) : limit_(limit_bytes) {}
  void feed(std::string_view bytes, const OnLine& on_line);  // the views are valid during the call only
  void finish(const OnLine& on_line);                        // hands over a last line without an ending, if any

 private:
  void hand_over(std::string_view line, const OnLine& on_line);

  std::size_t limit_;
  std::string partial_;
  bool truncated_ = false;
};

}  // namespace tandem::net
