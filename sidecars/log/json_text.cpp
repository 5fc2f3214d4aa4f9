#include "sidecars/log/json_text.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace tandem::shipper {
namespace {

using Byte = unsigned char;

constexpr std::size_t block_bytes = 4096;  // bounds what claim() must reserve

bool is_plain(Byte c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; }

char* put_escape(Byte c, char* out) {
  const char* hex = "0123456789abcdef";
  *out++ = '\\';
  switch (c) {
    case '"':
      *out++ = '"';
      return out;
    case '\\':
      *out++ = '\\';
      return out;
    case '\n':
      *out++ = 'n';
      return out;
    case '\r':
      *out++ = 'r';
      return out;
    case '\t':
      *out++ = 't';
      return out;
    default:
      break;
  }
  std::memcpy(out, "u00", 3);
  out[3] = hex[c >> 4];
  out[4] = hex[c & 15];
  return out + 5;
}

// One sequence that begins with a byte >= 0x80: its length, and whether it is valid. An invalid one's length is that
// of the maximal subpart, at least 1.
struct Sequence {
  std::size_t length;
  bool valid;
};

Sequence utf8_sequence(const Byte* at, const Byte* end) {
  const Byte first = *at;
  std::size_t length = 0;
  Byte low = 0x80, high = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
  } else {
    return {1, false};
  }
  for (std::size_t i = 1; i < length; ++i) {
    if (at + i == end || at[i] < low || at[i] > high) return {i, false};
    low = 0x80, high = 0xBF;
  }
  return {length, true};
}

// Copies plain bytes until one that needs care; returns how many.
std::size_t copy_plain(const Byte* at, const Byte* end, char* out) {
  const Byte* const begin = at;
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(0x20);
  for (; end - at >= 16; at += 16, out += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    // Signed comparison: bytes >= 0x80 are negative, so one test finds them and the control characters.
    const __m128i special = _mm_or_si128(_mm_cmplt_epi8(bytes, space),
                                         _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(special));
    if (mask) return static_cast<std::size_t>(at - begin) + static_cast<std::size_t>(std::countr_zero(mask));
  }
#endif
  for (; at != end && is_plain(*at); ++at) *out++ = static_cast<char>(*at);
  return static_cast<std::size_t>(at - begin);
}

// Escapes the bytes up to `stop`, and what belongs to a sequence that begins before it; `end` is the end of the text.
char* escape(const Byte*& at, const Byte* stop, const Byte* end, char* to) {
  while (at < stop) {
    const std::size_t plain = copy_plain(at, stop, to);
    at += plain;
    to += plain;
    if (at == stop) break;
    if (*at < 0x80) {
      to = put_escape(*at++, to);
      continue;
    }
    const Sequence sequence = utf8_sequence(at, end);
    std::memcpy(to, sequence.valid ? reinterpret_cast<const char*>(at) : "\xEF\xBF\xBD",
                sequence.valid ? sequence.length : 3);
    to += sequence.valid ? sequence.length : 3;
    at += sequence.length;
  }
  return to;
}

}  // namespace

char* write_json_text(std::string_view bytes, char* to) {
  const Byte* at = reinterpret_cast<const Byte*>(bytes.data());
  const Byte* const end = at + bytes.size();
  return escape(at, end, end, to);
}

void append_json_text(std::string_view bytes, Buffer& out) {
  const Byte* at = reinterpret_cast<const Byte*>(bytes.data());
  const Byte* const end = at + bytes.size();
  while (at != end) {
    char* const begin = out.claim(json_text_room(block_bytes));
    const Byte* const stop = at + std::min<std::size_t>(block_bytes, static_cast<std::size_t>(end - at));
    out.commit(static_cast<std::size_t>(escape(at, stop, end, begin) - begin));
  }
}

}  // namespace tandem::shipper
