// The one door to a person's terminal. What a pod, an image or a manifest says (a message, a name, an event) must not
// be able to move the cursor, change colours or turn text around: control characters are written as \u00XX
// (CVE-2021-25743). What containers write to their own output is passed on as it is, by `logs` and `up`, as kubectl
// does.
#pragma once

#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

namespace tandem::observe {

// `text` with control characters but newline and tab, the direction marks of Unicode and bytes that are no UTF-8 as
// \u00XX. Inside a JSON or YAML string that is the same character.
std::string visible(std::string_view text);

// While it lives, everything that is written to `stream` is visible().
class VisibleOutput : private std::streambuf {
 public:
  explicit VisibleOutput(std::ostream& stream) : stream_(stream), to_(stream.rdbuf(this)) {}
  ~VisibleOutput() override;
  VisibleOutput(const VisibleOutput&) = delete;
  VisibleOutput& operator=(const VisibleOutput&) = delete;

 private:
  int_type overflow(int_type c) override;
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  int sync() override;
  bool write(std::string_view text);

  std::ostream& stream_;
  std::streambuf* to_;
  std::string begun_;  // of a character in several bytes
};

}  // namespace tandem::observe
