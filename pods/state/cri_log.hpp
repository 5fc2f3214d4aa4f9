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

 private:
  void print(const LogLine& line, std::string& out);

  LogFormat format_;
  std::string pending_;                       // the start of a line of the file
  bool out_open_ = false, err_open_ = false;  // a part was printed, its end is to come
};

// Where the last `lines` whole lines of `bytes` begin.
std::size_t tail_offset(std::string_view bytes, std::size_t lines);

}  // namespace tandem::state
