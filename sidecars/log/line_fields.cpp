#include "sidecars/log/line_fields.hpp"

#include <fmt/format.h>

#include "sidecars/log/hash.hpp"
#include "sidecars/log/positions.hpp"

namespace tandem::shipper {

std::string quote(std::string_view text) {
  if (text.empty()) return "%";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f || c == '%' || c == '#') {
      out += fmt::format("%{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

bool unquote(std::string_view text, std::string& out) {
  out.clear();
  if (text == "%") return true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned byte = 0;
    if (i + 2 >= text.size() || !parse_number(text.substr(i + 1, 2), byte, 16)) return false;
    out += static_cast<char>(byte);
    i += 2;
  }
  return !text.empty();
}

std::string text_of(const Position& p) {
  // Tens of thousands of them are in the checkpoint of a thousand files.
  char text[80];
  char* at = text;
  const auto put = [&](std::uint64_t number, int base) { at = std::to_chars(at, std::end(text), number, base).ptr; };
  put(p.offset, 10);
  for (const std::uint64_t number : {p.offset - p.line_start, std::uint64_t{p.tail_length}}) {
    *at++ = ':';
    put(number, 10);
  }
  *at++ = ':';
  put(p.tail_hash, 16);
  return {text, at};
}

std::string with_checksum(const std::string& line) {
  return fmt::format("{} #{:08x}\n", line, static_cast<std::uint32_t>(hash64(line)));
}

std::optional<std::string_view> checked(std::string_view line) {
  const auto at = line.rfind(" #");
  std::uint32_t sum = 0;
  if (at == std::string_view::npos || line.size() - at != 10 || !parse_number(line.substr(at + 2), sum, 16))
    return std::nullopt;
  const auto text = line.substr(0, at);
  if (static_cast<std::uint32_t>(hash64(text)) != sum) return std::nullopt;
  return text;
}

bool next_line(std::string_view& text, std::string_view& line) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return false;
  line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return true;
}

std::string_view Fields::word(char separator) {
  if (rest_.empty()) good = false;
  const auto end = rest_.find(separator);
  const auto word = rest_.substr(0, end);
  rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
  return word;
}

std::string Fields::text() {
  std::string value;
  good = unquote(word(), value) && good;
  return value;
}

FileId Fields::id() {
  const auto value = parse_file_id(word());
  good = value && good;
  return value.value_or(FileId{});
}

Position Fields::position() {
  Fields parts(word());
  Position p;
  p.offset = parts.number(10, ':');
  const auto into_line = parts.number(10, ':');
  p.tail_length = parts.number<std::uint32_t>(10, ':');
  p.tail_hash = parts.number(16, ':');
  good = good && parts.good && parts.rest_.empty() && into_line <= p.offset && p.tail_length <= p.offset &&
         p.tail_length <= window_bytes;
  p.line_start = p.offset - into_line;
  return p;
}

}  // namespace tandem::shipper
