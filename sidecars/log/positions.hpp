// What tandem-log remembers on disk: the file generations it follows, how far each is acknowledged, and the batches
// that are on their way. A plain value, changed only through the functions below, each of which has a line in the
// journal.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sidecars/log/file_id.hpp"
#include "sidecars/log/ledger.hpp"

namespace tandem::shipper {

// How a generation begins, from its first byte that is not zero: a hole is like any other. Grows with the file up to
// window_bytes.
struct Head {
  std::uint32_t length = 0;
  std::uint64_t hash = 0;    // of so many bytes
  std::uint64_t offset = 0;  // where they begin
  std::string start;         // the first of them, up to start_bytes
  bool operator==(const Head&) const = default;
};

// How many bytes a fingerprint's windows have: the head, and the bytes before a position.
inline constexpr std::uint32_t window_bytes = 1024;
inline constexpr std::uint32_t start_bytes = 64;

enum class SkipReason { copy, hole, removed, lost };  // the order is that of skip_reason_names
const char* skip_reason_name(SkipReason reason);
inline constexpr std::size_t skip_reasons = 4;

// A file that holds a generation, or its beginning.
struct Residence {
  std::uint64_t device = 0, inode = 0;
  bool copy = false;  // found by its content, as what copytruncate leaves
  std::string path;
};

// One generation of a file: what was written from its creation or truncation to its end, in whatever files it is.
// A copy of a generation is another residence of it, so that what is read from one is not read from another.
struct FileRecord {
  FileId id;
  std::string source, path;           // of the file it is read from, or was last
  std::string formerly;               // its path before that file was renamed: a copy may be named after it
  std::vector<Residence> residences;  // none: only a copy can be found
  Head head;
  bool seeking = false;      // bytes of it were in a file that is gone or rewritten: a copy may turn up
  std::int64_t left_at = 0;  // seconds since the epoch when it lost its last residence; 0: it has one
  Ledger ledger;
  std::vector<Position> marks;  // places passed, to recognise copies by; the newer the denser
  std::uint64_t skipped[skip_reasons] = {};
};

struct BatchSegment {
  FileId file;
  Segment segment;
};

// A batch that was sent, or is about to be: after a crash exactly these segments are sent again under the same id.
struct BatchRecord {
  std::string id;
  std::int64_t time_ns = 0;  // when it was read: part of its records
  bool acknowledged = false;
  std::vector<BatchSegment> segments;
};

std::string make_batch_id(const std::vector<BatchSegment>& segments);

using FileRecords = std::unordered_map<FileId, FileRecord, FileIdHash>;

struct Positions {
  FileRecords files;
  std::list<BatchRecord> batches;  // in the order sent; acknowledged ones stay until all they hold is committed
  std::string sink_mark;           // the sink's own note of what it has taken: a file's inode and length

  // Adds a generation, or takes over everything but ledger, marks and skipped of one that is known.
  FileRecord& put(const FileRecord& file);
  void forget(const FileId& id);
  // Bug (thrown) when a segment does not begin where its file's ledger ended, or the file is unknown.
  void send(BatchRecord batch);
  bool acknowledge(const std::string& batch_id);  // false: unknown, or acknowledged before
  const BatchRecord* find_batch(const std::string& batch_id) const;
  // Moves over bytes that are not shipped.
  void skip(const FileId& file, const Segment& segment, SkipReason reason);
  BatchRecord* find_batch(const std::string& batch_id);
};

void add_mark(std::vector<Position>& marks, const Position& mark);

}  // namespace tandem::shipper
