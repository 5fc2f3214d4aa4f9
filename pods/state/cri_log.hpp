// Container logs in the CRI format: "TIME STREAM TAG TEXT\n", where TAG is P for a part of a line and F for its end.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::state {

struct LogLine {
  std::string_view time, stream, text;  // text has no newline
  bool partial = false;
};

// Nullopt: not a line of this format (a last line that is still being written, or damage).
std::optional<LogLine> parse_log_line(std::string_view line);

// The streams inside a line: their last record is a part.
struct OpenLines {
  bool out = false, err = false;
  bool any() const { return out || err; }
  bool& of(std::string_view stream) { return stream == "stderr" ? err : out; }
};

// What the records of `bytes` leave open; a stream of which there is none stays as `before` says.
OpenLines open_lines(std::string_view bytes, OpenLines before = {});

struct LogFormat {
  bool timestamps = false;
  std::string prefix;  // printed before each line
};

// Joins the parts of lines and prints whole ones as the container wrote them. Streams are joined apart.
class LogPrinter {
 public:
  explicit LogPrinter(LogFormat format) : format_(std::move(format)) {}
  // `bytes`: whatever of the file comes next; a line that is not complete yet waits for the rest.
  void feed(std::string_view bytes, std::string& out);
  // What comes next does not go on where the last bytes ended: printed parts end here. The streams of `cut` begin
  // inside a line whose beginning nobody has: they are left out up to its end.
  void begin_anew(OpenLines cut, std::string& out);

 private:
  void print(const LogLine& line, std::string& out);

  LogFormat format_;
  std::string pending_;  // the start of a line of the file
  OpenLines open_;       // a part was printed, its end is to come
  OpenLines cut_;
};

// Where the last `lines` whole lines of `bytes` begin.
std::size_t tail_offset(std::string_view bytes, std::size_t lines);

}  // namespace tandem::state
