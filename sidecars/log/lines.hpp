// Cuts bytes of a file into lines; lines past the limit into pieces.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tandem::shipper {

enum class Cut { none, bytes, lines };  // which limit ended it, limits.line or multiline.maxLines

struct Line {
  std::string_view text;         // without the newline; a CR before it is kept
  std::uint64_t offset = 0;      // where text begins in the file
  std::uint64_t line_start = 0;  // where the whole line begins
  std::uint64_t piece = 0;       // 0, 1, 2, ...; all pieces but the last have exactly `limit` bytes
  bool last = true;              // of the line's pieces; a whole line is its own first and last piece
  bool terminated = true;        // false: a last line without a newline, or a piece that is not the last
  std::string_view stream = {};  // of a container's log: stdout or stderr; else empty
  std::int64_t time_ns = 0;      // when it was written, since the epoch; 0: nobody says
  // Of a piece: so many bytes of its line lie in memory just before and behind `text`.
  std::size_t before = 0, behind = 0;
  Cut cut = Cut::none;  // of a record: what comes next belonged to it
  bool whole() const { return last && piece == 0; }
};

// What is looked at beside a piece at each side, so that what straddles its end is seen: as much as is known of the
// bytes before a position, and no more than a piece has.
inline constexpr std::size_t longest_beside = 1024;
inline std::size_t beside(std::uint64_t limit) {
  return static_cast<std::size_t>(std::min<std::uint64_t>(limit, longest_beside));
}

struct LineCursor {
  std::uint64_t offset = 0;      // of the next byte
  std::uint64_t line_start = 0;  // of the line it belongs to
};

// Bytes of the file that lie in memory before and behind those that are cut.
struct Beside {
  std::size_t before = 0, behind = 0;
};

// `text` begins `in_line` bytes from its line's beginning, and `memory` is all that there is around it.
inline void place_beside(Line& line, std::uint64_t in_line, std::string_view memory, std::uint64_t limit) {
  const char* const end = line.text.data() + line.text.size();
  const auto known = static_cast<std::size_t>(line.text.data() - memory.data());
  line.before = static_cast<std::size_t>(std::min<std::uint64_t>({known, in_line, beside(limit)}));
  if (line.last) return;
  const auto rest = static_cast<std::size_t>(memory.data() + memory.size() - end);
  const std::string_view next(end, std::min(rest, beside(limit)));
  line.behind = std::min(next.find('\n'), next.size());
}

// Calls emit(const Line&) for every line of `bytes`, which begin at cursor.offset, and moves the cursor past it; stops
// when emit returns false: it wants no more. An unterminated rest is left (the cursor stays
// before it), but for whole pieces of `limit` bytes behind which there is something to look at, and for `at_end`:
// nothing will follow, so the rest is a line too.
template <class Emit>
void split_lines(std::string_view bytes, std::uint64_t limit, bool at_end, LineCursor& cursor, Emit&& emit,
                 Beside around = {}) {
  const std::string_view memory(bytes.data() - around.before, around.before + bytes.size() + around.behind);
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  const auto piece = [&] { return (cursor.offset - cursor.line_start) / limit; };
  while (at != end) {
    const auto* newline = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    const char* const stop = newline ? newline : end;
    while (static_cast<std::uint64_t>(stop - at) > limit) {
      if (!newline && !at_end && static_cast<std::uint64_t>(stop - at) < limit + beside(limit)) return;
      Line part{{at, limit}, cursor.offset, cursor.line_start, piece(), false, false};
      place_beside(part, cursor.offset - cursor.line_start, memory, limit);
      const bool wanted = emit(part);
      at += limit;
      cursor.offset += limit;
      if (!wanted) return;
    }
    if (!newline && !at_end) return;
    const std::string_view text(at, static_cast<std::size_t>(stop - at));
    Line line{text, cursor.offset, cursor.line_start, piece(), true, newline != nullptr};
    if (cursor.offset != cursor.line_start) place_beside(line, cursor.offset - cursor.line_start, memory, limit);
    const bool wanted = emit(line);
    at = newline ? newline + 1 : end;
    cursor.offset += text.size() + (newline ? 1 : 0);
    cursor.line_start = cursor.offset;
    if (!wanted) return;
  }
}

}  // namespace tandem::shipper
