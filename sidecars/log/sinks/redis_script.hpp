// A batch as calls of one script, which adds to a Redis stream what is not in it already. Pure.
//
// Beside the stream, in its hash slot, lies a mark for each file generation: the ranges of the file that were added, as
// "BEGIN-END BEGIN-END". The script, which Redis runs as one and replicates as one, adds the records that begin in none
// of the ranges, then puts their range into the mark. So a call may come again after a crash, a timeout or a failover
// that kept what was there, may overtake another or be overtaken, and may be cut otherwise: nothing is added twice, and
// nothing is taken for added that was not. A plain high-water mark would not do: a batch that waits for its file to be
// found again may come after what follows it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sidecars/log/batch.hpp"
#include "sidecars/log/encode/placed_records.hpp"

namespace tandem::shipper {

// KEYS: the stream, then a mark for each part. ARGV: for how many seconds marks are kept; MAXLEN, or "". Then for each
// part the range's begin and end, and how many records; and for each of them its offset, how many strings, the strings.
// Returns how many records it added. A mark keeps its last 16 ranges: usually it has one, and a gap for each batch of
// which a filter left nothing.
extern const std::string_view redis_script;
std::string redis_script_sha1();  // its name for EVALSHA

struct RedisStream {
  std::string stream;
  std::uint64_t max_length = 0;      // 0: no limit
  std::chrono::seconds remember{0};  // marks
};

// What a mark's key begins with, in the stream's hash slot (redis.io, "Redis Cluster Specification", hash tags).
// Nullopt: its name has braces that leave no room for a tag.
std::optional<std::string> redis_mark_prefix(std::string_view stream);

// Cuts a batch into calls: at most 1000 records and 256 KiB each (one record may be larger), so that Redis serves
// others in between.
class RedisCalls {
 public:
  // All of it outlives the calls. The batch's body is of make_redis_format().
  RedisCalls(const RedisStream& settings, std::string_view mark_prefix, const Batch& batch);

  // The next call, but for the command and the script: "$1\r\nKEYS\r\n..", `count` bulk strings. False: there is none.
  bool next(Buffer& arguments, std::size_t& count);

 private:
  bool advance();  // to the next record and its segment

  const RedisStream* settings_;
  std::string_view mark_prefix_;
  const Batch* batch_;
  PlacedRecords records_;
  PlacedRecord record_;
  std::size_t segment_ = 0;
  std::uint64_t begin_ = 0;  // of the range that begins with record_
  bool more_ = false;
  Buffer keys_, values_, part_;  // kept for their memory
};

}  // namespace tandem::shipper
