// Which bytes of a file are one record, where that is not simply a line: stack traces, and lines of container logs,
// which a runtime cuts into parts and whose two streams alternate.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sidecars/log/lines.hpp"
#include "sidecars/log/record/multiline.hpp"

namespace tandem::shipper {

struct Framing {
  bool cri = false;                                             // the lines are CRI lines
  bool spool = false;                                           // or those of a spool: the peer is their stream
  std::shared_ptr<const Multiline> rules;                       // nullptr: each line is a record
  std::uint64_t most_lines = 1000;                              // of one record
  std::chrono::nanoseconds patience = std::chrono::seconds(1);  // how long an unfinished record waits for a line
};

enum class Ending {
  open,   // more may follow and belong to the last record
  lines,  // the last whole line ends its record; what follows it without a newline waits
  final,  // nothing follows: the rest is a line too
};

// Cuts the bytes from cursor.offset on into records and moves the cursor behind them, always to a place where no record
// is unfinished: what is read from there again gives the same records. Each record is emitted in the order of its first
// byte; `emit` false: no more are wanted, and the cursor stops as soon as it can. A record is ended after `limit` bytes
// or most_lines; a single line past the limit goes in pieces, as in split_lines().
class Framer {
 public:
  void cut(std::string_view bytes, const Framing& framing, std::uint64_t limit, Ending ending, LineCursor& cursor,
           const std::function<bool(const Line&)>& emit, Beside around = {});

 private:
  struct Record {
    std::uint64_t begin = 0, end = 0;  // in the bytes; end is behind its last newline
    std::string_view text;             // when it has one part, or lies there in one piece
    std::string joined;                // else
    std::string_view stream;
    std::int64_t time_ns = 0;
    std::uint64_t lines = 0;
    int state = 0;  // of the rules
    bool closed = false, merged = false, terminated = true;
    Cut cut = Cut::none;
  };
  struct Stream {
    std::string_view name;
    std::size_t record = none, partial = none;  // the record that may go on; the line of which only parts are there
  };
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  void add_line(std::string_view line, std::uint64_t begin, std::uint64_t end, bool terminated, const Framing& framing);
  void add_part(Stream& stream, Record part, bool complete, const Framing& framing);
  void close_all(Cut cut = Cut::none);
  std::uint64_t oldest_open() const;
  bool emit_closed(std::uint64_t end, LineCursor& cursor, std::uint64_t base,
                   const std::function<bool(const Line&)>& emit);
  Stream& stream_of(std::string_view name);

  std::vector<Record> records_;
  std::vector<Stream> streams_;
  std::size_t first_ = 0;  // before it all are emitted
};

}  // namespace tandem::shipper
