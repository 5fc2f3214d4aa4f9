#include "sidecars/log/record/parse_escape.hpp"

#include <cstdint>
#include <cstring>

namespace tandem::shipper {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

int code_unit(const char* digits) {  // four of them; -1: they are not hexadecimal
  int unit = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(digits[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

bool is_high(int unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low(int unit) { return unit >= 0xDC00 && unit < 0xE000; }

char* write_utf8(std::uint32_t point, char* to) {
  if (point < 0x80) {
    *to++ = static_cast<char>(point);
  } else if (point < 0x800) {
    *to++ = static_cast<char>(0xC0 | point >> 6);
    *to++ = static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    *to++ = static_cast<char>(0xE0 | point >> 12);
    *to++ = static_cast<char>(0x80 | (point >> 6 & 0x3F));
    *to++ = static_cast<char>(0x80 | (point & 0x3F));
  } else {
    *to++ = static_cast<char>(0xF0 | point >> 18);
    *to++ = static_cast<char>(0x80 | (point >> 12 & 0x3F));
    *to++ = static_cast<char>(0x80 | (point >> 6 & 0x3F));
    *to++ = static_cast<char>(0x80 | (point & 0x3F));
  }
  return to;
}

char short_escape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

char* next_backslash(char* begin, char* end) {
  return begin == end ? nullptr : static_cast<char*>(std::memchr(begin, '\\', static_cast<std::size_t>(end - begin)));
}

}  // namespace

bool repair_json_escapes(char* begin, char* end) {
  for (char* at = begin; (at = next_backslash(at, end));) {
    if (end - at < 2) return false;
    if (at[1] != 'u') {
      if (!std::memchr("\"\\/bfnrt", at[1], 8)) return false;
      at += 2;
      continue;
    }
    if (end - at < 6) return false;
    const int unit = code_unit(at + 2);
    if (unit < 0) return false;
    if (is_high(unit) && end - at >= 12 && at[6] == '\\' && at[7] == 'u' && is_low(code_unit(at + 8))) {
      at += 12;
      continue;
    }
    if (is_high(unit) || is_low(unit)) std::memcpy(at + 2, "fffd", 4);
    at += 6;
  }
  return true;
}

char* undo_json_escapes(std::string_view inside, char* to) {
  const char* at = inside.data();
  const char* const end = at + inside.size();
  while (at != end) {
    if (*at != '\\') {
      *to++ = *at++;
    } else if (at[1] != 'u') {
      *to++ = short_escape(at[1]);
      at += 2;
    } else {
      auto point = static_cast<std::uint32_t>(code_unit(at + 2));
      at += 6;
      if (is_high(static_cast<int>(point))) {
        point = 0x10000 + ((point - 0xD800) << 10) + static_cast<std::uint32_t>(code_unit(at + 2) - 0xDC00);
        at += 6;
      }
      to = write_utf8(point, to);
    }
  }
  return to;
}

char* undo_server_escapes(std::string_view inside, char* to) {
  const char* at = inside.data();
  const char* const end = at + inside.size();
  while (at != end) {
    if (*at != '\\' || end - at < 2) {
      *to++ = *at++;
      continue;
    }
    if (at[1] == 'x' && end - at >= 4 && hex_digit(at[2]) >= 0 && hex_digit(at[3]) >= 0) {
      *to++ = static_cast<char>(hex_digit(at[2]) * 16 + hex_digit(at[3]));
      at += 4;
    } else if (at[1] == 'v') {
      *to++ = '\v';
      at += 2;
    } else if (std::memchr("\"\\'/bfnrt", at[1], 9)) {
      *to++ = short_escape(at[1]);
      at += 2;
    } else {
      *to++ = *at++;
    }
  }
  return to;
}

}  // namespace tandem::shipper
