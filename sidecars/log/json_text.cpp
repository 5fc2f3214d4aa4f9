#include "sidecars/log/json_text.hpp"

#include <algorithm>
#include <array>
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

// What stands for an ASCII byte that is not plain: looked up, as which one comes next cannot be predicted.
struct Escape {
  char text[7];
  Byte length;
};

constexpr std::array<Escape, 128> make_escapes() {
  std::array<Escape, 128> escapes{};
  for (std::size_t c = 0; c < 0x20; ++c)
    escapes[c] = {{'\\', 'u', '0', '0', "0123456789abcdef"[c >> 4], "0123456789abcdef"[c & 15]}, 6};
  escapes['"'] = {{'\\', '"'}, 2};
  escapes['\\'] = {{'\\', '\\'}, 2};
  escapes['\n'] = {{'\\', 'n'}, 2};
  escapes['\r'] = {{'\\', 'r'}, 2};
  escapes['\t'] = {{'\\', 't'}, 2};
  return escapes;
}

constexpr auto json_escapes = make_escapes();

char* put_escape(Byte c, char* out) {
  std::memcpy(out, json_escapes[c].text, sizeof json_escapes[c].text);
  return out + json_escapes[c].length;
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

#ifdef __SSE2__
// One bit for each byte that is not plain. Signed comparison: bytes >= 0x80 are negative, so one test finds them and
// the control characters.
unsigned not_plain(__m128i bytes) {
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(0x20);
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(
      _mm_cmplt_epi8(bytes, space), _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)))));
}

template <class Word>
std::uint64_t load(const Byte* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// 1 to 15 bytes and zeros, without a look at what is behind them: two loads that overlap.
__m128i load_rest(const Byte* at, std::size_t count) {
  std::uint64_t low = 0, high = 0;
  if (count >= 8) {
    low = load<std::uint64_t>(at);
    if (count > 8) high = load<std::uint64_t>(at + count - 8) >> (8 * (16 - count));
  } else if (count >= 4) {
    low = load<std::uint32_t>(at) | load<std::uint32_t>(at + count - 4) << (8 * (count - 4));
  } else {
    low = at[0] | load<Byte>(at + count / 2) << (8 * (count / 2)) | load<Byte>(at + count - 1) << (8 * (count - 1));
  }
  return _mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low));
}
#else
bool is_plain(Byte c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; }
#endif

// Copies plain bytes until one that needs care; returns how many. Writes up to 15 bytes past them.
std::size_t copy_plain(const Byte* at, const Byte* end, char* out) {
  const Byte* const begin = at;
#ifdef __SSE2__
  for (; end - at >= 16; at += 16, out += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
    if (const unsigned mask = not_plain(bytes))
      return static_cast<std::size_t>(at - begin) + static_cast<std::size_t>(std::countr_zero(mask));
  }
  const auto rest = static_cast<std::size_t>(end - at);
  if (rest == 0) return static_cast<std::size_t>(at - begin);
  const __m128i bytes = load_rest(at, rest);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
  const unsigned mask = not_plain(bytes) | 1u << rest;
  return static_cast<std::size_t>(at - begin) + static_cast<std::size_t>(std::countr_zero(mask));
#else
  for (; at != end && is_plain(*at); ++at) *out++ = static_cast<char>(*at);
  return static_cast<std::size_t>(at - begin);
#endif
}

// A sequence, or what stands for a wrong one; returns what is behind it.
const Byte* put_sequence(const Byte* at, const Byte* end, char*& to) {
  const Sequence sequence = utf8_sequence(at, end);
  std::memcpy(to, sequence.valid ? reinterpret_cast<const char*>(at) : "\xEF\xBF\xBD",
              sequence.valid ? sequence.length : 3);
  to += sequence.valid ? sequence.length : 3;
  return at + sequence.length;
}

// The same for any byte that is not plain.
inline const Byte* put_special(const Byte* at, const Byte* end, char*& to) {
  if (*at >= 0x80) return put_sequence(at, end, to);
  to = put_escape(*at, to);
  return at + 1;
}

#ifdef __SSE2__
constexpr std::ptrdiff_t wide = 64;

__m128i load_16(const Byte* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }
void store_16(char* to, __m128i bytes) { _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes); }

// Reads and writes up to 15 bytes past the end.
char* copy_to(const Byte* at, const Byte* end, char* to) {
  for (const Byte* from = at; from < end; from += 16) store_16(to + (from - at), load_16(from));
  return to + (end - at);
}

// Where the bytes that are not plain are is known for 64 at a time, so that what is between them is copied without a
// look.
const Byte* escape_wide(const Byte* at, const Byte* stop, const Byte* end, char*& to) {
  while (stop - at >= wide + 15) {
    const __m128i a = load_16(at), b = load_16(at + 16), c = load_16(at + 32), d = load_16(at + 48);
    store_16(to, a);
    store_16(to + 16, b);
    store_16(to + 32, c);
    store_16(to + 48, d);
    std::uint64_t mask = not_plain(a) | std::uint64_t{not_plain(b)} << 16 | std::uint64_t{not_plain(c)} << 32 |
                         std::uint64_t{not_plain(d)} << 48;
    if (mask == 0) {
      at += wide;
      to += wide;
      continue;
    }
    const Byte* from = at;
    const Byte* const block_end = at + wide;
    do {
      const Byte* const special = at + std::countr_zero(mask);
      to = copy_to(from, special, to);
      from = put_special(special, end, to);
      mask = from < block_end ? mask & ~std::uint64_t{0} << (from - at) : 0;
    } while (mask != 0);
    at = from;
    if (from < block_end) {
      to = copy_to(from, block_end, to);
      at = block_end;
    }
  }
  return at;
}
#endif

// Escapes the bytes up to `stop`, and what belongs to a sequence that begins before it; `end` is the end of the text.
char* escape(const Byte*& at, const Byte* stop, const Byte* end, char* to) {
#ifdef __SSE2__
  at = escape_wide(at, stop, end, to);
#endif
  while (at < stop) {
    const std::size_t plain = copy_plain(at, stop, to);
    at += plain;
    to += plain;
    if (at == stop) break;
    at = put_special(at, end, to);
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
    const std::size_t block = std::min<std::size_t>(block_bytes, static_cast<std::size_t>(end - at));
    char* const begin = out.claim(json_text_room(block));
    out.commit(static_cast<std::size_t>(escape(at, at + block, end, begin) - begin));
  }
}

}  // namespace tandem::shipper
