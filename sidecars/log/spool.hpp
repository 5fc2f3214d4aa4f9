// What came in by a socket or stdin, in files that the tailers follow: STATE/spool/SOURCE/000001.log and so on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "core/os/unique_fd.hpp"

namespace tandem::shipper {

struct SpoolOptions {
  std::filesystem::path directory;       // made when it is not there
  std::uint64_t max_bytes = 1u << 30;    // of all its files
  std::uint64_t file_bytes = 16u << 20;  // then another is begun: only whole files can be deleted
  std::uint64_t line_limit = 1u << 20;   // of a line with all that is before its message
  std::uint64_t keep_free = 8u << 20;    // of the disk, for what is written beside it; see room_on_disk()
};

// One process appends to it; others only read, and delete files that are not the last.
class Spool {
 public:
  // A line that a killed process left unfinished is ended; on a full disk its last byte becomes the newline. Throws
  // Error{environment}.
  explicit Spool(SpoolOptions options);

  // One message, or a part of one: it goes on with the next of the same peer. It is in memory until flush().
  void add(std::string_view peer, std::string_view text, bool whole);
  // Appends it all to the file, with one write. False: not all could be written, problem() says why; the rest is
  // written by the next flush(), to another file, so that the one so far may be deleted once it is shipped. Whole lines
  // are written or nothing of them. Nothing is fsynced: it outlives the process, not the machine.
  bool flush();
  // Whether more should be taken: all is written, and the files are below max_bytes.
  bool has_room() const { return pending_.empty() && bytes_ < options_.max_bytes; }
  void count_again();  // after files were deleted

  const std::string& problem() const { return problem_; }
  std::uint64_t bytes() const { return bytes_; }  // of all files
  std::size_t pending_bytes() const { return pending_.size(); }
  void set_limits(const SpoolOptions& limits);  // the directory stays

 private:
  void begin_file();
  void end_last_line() const;
  bool fail(std::string why);
  std::size_t cut_back(std::size_t written);

  SpoolOptions options_;
  unique_fd file_;
  std::uint64_t number_ = 0;      // of the file that is written, or was last
  std::uint64_t file_size_ = 0;   // its bytes
  bool in_line_ = false;          // it ends in the middle of one
  std::uint64_t bytes_ = 0;       // of all files
  std::int64_t stamp_ = 0;        // of the last message: no two flushes have the same
  std::int64_t flush_stamp_ = 0;  // of those that are in memory; 0: there are none
  std::string pending_, problem_;
};

}  // namespace tandem::shipper
