// Which files of a source may be deleted because every sink has them: a pure decision.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::shipper {

struct ReclaimRules {
  bool remove = false;                                       // false: nothing is deleted, the quota only warns
  bool punch = false;                                        // free what was shipped of files that go on
  std::uint64_t keep = 2;                                    // so many of each family's shipped files stay, the newest
  std::uint64_t quota = 0;                                   // bytes of all the source's files; 0: none
  std::chrono::nanoseconds quiet = std::chrono::seconds(5);  // since the last byte was read of a file
  bool spare_newest = true;  // the file of a family that was written last is nobody's to delete: its name may be live
  bool operator==(const ReclaimRules&) const = default;
};

// A file that the source's patterns match now.
struct ReclaimFile {
  std::string path;
  std::uint64_t size = 0;            // on disk: holes are not counted
  std::int64_t written_ns = 0;       // its modification time
  bool shipped = false;              // every sink that takes it has acknowledged all of it
  std::chrono::nanoseconds quiet{};  // for how long no sink found anything new in it
};

struct ReclaimPlan {
  std::vector<std::size_t> remove;  // indices of `files`, the oldest first
  std::uint64_t bytes = 0;          // of all files
  std::uint64_t left = 0;           // of them, when those are gone
};

// Never a file that is not shipped, is not quiet, or was written last of its family. While all files together are
// larger than the quota, `keep` and families do not count, and the oldest go until it is met; the source's newest file
// stays even then. Whether somebody has a file open for writing is for the caller to find out.
ReclaimPlan plan_reclaim(const std::vector<ReclaimFile>& files, const ReclaimRules& rules);

// What the names of a log and of its rotated files have in common: the path without the words of its name that are
// numbers, dates or hashes. /logs/app.log, /logs/app.log.1, /logs/app-2026-11-22.log: /logs/app.log.
std::string family_of(std::string_view path);

}  // namespace tandem::shipper
