// Lines of "Key:  value" at some depth, as kubectl describe has them.
#pragma once

#include <string>
#include <string_view>

namespace tandem::print {

class IndentedText {
 public:
  // "  Key:         value"; the value begins at column `width` after the indent.
  void field(int level, std::string_view key, std::string_view value, std::size_t width = 16) {
    std::string line(static_cast<std::size_t>(level) * 2, ' ');
    const std::size_t start = line.size();
    line.append(key).append(":");
    if (!value.empty()) {
      const std::size_t used = line.size() - start;
      line.append(used + 1 < width ? width - used : 2, ' ').append(value);
    }
    text_ += line + "\n";
  }
  void line(int level, std::string_view value) {
    text_.append(static_cast<std::size_t>(level) * 2, ' ').append(value).append("\n");
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace tandem::print
