// Cuts bytes of a file into lines; lines past the limit into pieces.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace tandem::shipper {

struct Line {
  std::string_view text;         // without the newline; a CR before it is kept
  std::uint64_t offset = 0;      // where text begins in the file
  std::uint64_t line_start = 0;  // where the whole line begins
  std::uint64_t piece = 0;       // 0, 1, 2, ...; all pieces but the last have exactly `limit` bytes
  bool last = true;              // of the line's pieces; a whole line is its own first and last piece
  bool terminated = true;        // false: a last line without a newline, or a piece that is not the last
  std::string_view stream = {};  // of a container's log: stdout or stderr; else empty
  std::int64_t time_ns = 0;      // when it was written, since the epoch; 0: nobody says
  bool whole() const { return last && piece == 0; }
};

struct LineCursor {
  std::uint64_t offset = 0;      // of the next byte
  std::uint64_t line_start = 0;  // of the line it belongs to
};

// Calls emit(const Line&) for every line of `bytes`, which begin at cursor.offset, and moves the cursor past it; stops
// when emit returns false: it wants no more. An unterminated rest is left (the cursor stays
// before it), but for whole pieces of `limit` bytes, and for `at_end`: nothing will follow, so the rest is a line too.
template <class Emit>
void split_lines(std::string_view bytes, std::uint64_t limit, bool at_end, LineCursor& cursor, Emit&& emit) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  const auto piece = [&] { return (cursor.offset - cursor.line_start) / limit; };
  while (at != end) {
    const auto* newline = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    const char* const stop = newline ? newline : end;
    while (static_cast<std::uint64_t>(stop - at) > limit) {
      const bool wanted = emit(Line{{at, limit}, cursor.offset, cursor.line_start, piece(), false, false});
      at += limit;
      cursor.offset += limit;
      if (!wanted) return;
    }
    if (!newline && !at_end) return;
    const std::string_view text(at, static_cast<std::size_t>(stop - at));
    const bool wanted = emit(Line{text, cursor.offset, cursor.line_start, piece(), true, newline != nullptr});
    at = newline ? newline + 1 : end;
    cursor.offset += text.size() + (newline ? 1 : 0);
    cursor.line_start = cursor.offset;
    if (!wanted) return;
  }
}

}  // namespace tandem::shipper
