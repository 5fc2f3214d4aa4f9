#include "core/observe/visible_output.hpp"

#include "core/observe/utf8.hpp"

namespace tandem::observe {

namespace {

void append_escaped(unsigned code, std::string& out) {
  static constexpr char digits[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[code >> shift & 15];
}

bool is_control(unsigned code) {
  if (code == '\n' || code == '\t') return false;
  return code < 0x20 || (code >= 0x7f && code <= 0x9f);
}

// U+202A to U+202E, U+2066 to U+2069: what follows is shown in another order than it is written.
bool changes_direction(unsigned code) {
  return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

unsigned code_of(std::string_view sequence) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(sequence[i]); };
  if (sequence.size() == 1) return byte(0);
  if (sequence.size() == 2) return (byte(0) & 0x1fu) << 6 | (byte(1) & 0x3fu);
  if (sequence.size() == 3) return (byte(0) & 0x0fu) << 12 | (byte(1) & 0x3fu) << 6 | (byte(2) & 0x3fu);
  return 0x10000;  // beyond what is looked for
}

// How many bytes at the end of `text` may be the beginning of a character.
std::size_t begun_at_end(std::string_view text) {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4u : byte >= 0xe0 ? 3u : 2u) ? back : 0;
  }
  return 0;
}

}  // namespace

std::string visible(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    const std::string_view one = text.substr(at, length ? length : 1);
    const unsigned code = code_of(one);
    if (length == 0 || is_control(code) || changes_direction(code)) {
      append_escaped(code, out);
    } else {
      out += one;
    }
    at += one.size();
  }
  return out;
}

VisibleOutput::~VisibleOutput() {
  write(begun_);
  stream_.rdbuf(to_);
}

bool VisibleOutput::write(std::string_view text) {
  const std::string shown = visible(text);
  return to_->sputn(shown.data(), static_cast<std::streamsize>(shown.size())) ==
         static_cast<std::streamsize>(shown.size());
}

std::streamsize VisibleOutput::xsputn(const char* text, std::streamsize size) {
  std::string all = std::move(begun_);
  all.append(text, static_cast<std::size_t>(size));
  const std::size_t kept = begun_at_end(all);
  begun_ = all.substr(all.size() - kept);
  return write(std::string_view(all).substr(0, all.size() - kept)) ? size : 0;
}

VisibleOutput::int_type VisibleOutput::overflow(int_type c) {
  if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
  const char one = traits_type::to_char_type(c);
  return xsputn(&one, 1) == 1 ? c : traits_type::eof();
}

int VisibleOutput::sync() { return to_->pubsync(); }

}  // namespace tandem::observe
