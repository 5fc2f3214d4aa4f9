// The fields and checksums that lines of the positions are made of.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sidecars/log/file_id.hpp"
#include "sidecars/log/ledger.hpp"

namespace tandem::shipper {

std::string quote(std::string_view text);  // no spaces, no newlines, never empty
bool unquote(std::string_view text, std::string& out);
std::string text_of(const Position& position);

std::string with_checksum(const std::string& line);  // and a newline
// The line without its checksum; nullopt: it has none, or it does not match.
std::optional<std::string_view> checked(std::string_view line);
// Takes one line from the left of `text`; false: it has no newline.
bool next_line(std::string_view& text, std::string_view& line);

template <class Number>
bool parse_number(std::string_view text, Number& number, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc() && end == text.data() + text.size();
}

// Takes the fields of one line from the left; `good` turns false at the first that is missing or wrong.
class Fields {
 public:
  explicit Fields(std::string_view line) : rest_(line) {}
  bool good = true;

  std::string_view word(char separator = ' ');
  template <class Number = std::uint64_t>
  Number number(int base = 10, char separator = ' ') {
    Number value = 0;
    good = parse_number(word(separator), value, base) && good;
    return value;
  }
  std::string text();
  FileId id();
  Position position();
  bool done() const { return good && rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace tandem::shipper
