// Lines of a spool: messages that came in by a socket or stdin, on their way to the tailers.
//
//   1763805600123456789 127.0.0.1:40000 F message
//
// As a container log's lines (record/cri_line.hpp), but with the time of receipt as a number and the peer in the place
// of the stream, so that records of several lines and messages in parts are put together for each peer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tandem::shipper {

struct SpoolLine {
  std::int64_t time_ns = 0;  // since the epoch: when it was received
  std::string_view peer;     // empty: nobody in particular
  bool partial = false;      // the message goes on in the next line of the same peer
  std::string_view message;
};

// How many bytes a line has before its message, at most.
inline constexpr std::size_t longest_peer = 80;
inline constexpr std::size_t spool_line_overhead = 20 + 1 + longest_peer + 3;

// With a newline. A newline in the message becomes #012, as rsyslog writes it; other bytes stay as they are. A peer is
// cut to longest_peer, and its spaces become underscores.
void append_spool_line(const SpoolLine& line, std::string& out);

// `line` is without its newline. false: it is none, and `out` is untouched.
bool parse_spool_line(std::string_view line, SpoolLine& out);

}  // namespace tandem::shipper
