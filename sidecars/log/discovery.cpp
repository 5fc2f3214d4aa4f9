// The part of the Tailer that finds files: which generation each name holds now, and which are finished.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "core/os/check.hpp"
#include "sidecars/log/positions_codec.hpp"
#include "sidecars/log/tailer.hpp"

namespace tandem::shipper {
namespace {

constexpr std::size_t most_remembered = 256;  // generations without an inode, kept to recognise copies
constexpr std::int64_t remembered_seconds = 3600;
constexpr auto sibling_search = std::chrono::seconds(60);  // how long a copy of a truncated file is looked for

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

void Tailer::scan(Time now, std::int64_t wall_s) {
  wall_s_ = wall_s;
  wants_scan_ = false;
  const Listing listing = list_sources(options_.sources);
  directories_ = listing.directories;
  open_problems_.clear();
  for (const auto& directory : listing.unreadable) open_problems_[directory] = "the directory cannot be listed";
  for (auto& [id, follow] : follows_) {
    const auto& unreadable = listing.unreadable;
    follow.listed = follow.listed && std::find(unreadable.begin(), unreadable.end(),
                                               directory_of(follow.record->path)) != unreadable.end();
  }
  std::vector<ListedFile> unknown;
  attach_listed(listing, unknown, now);
  search_siblings(listing, unknown, now);
  for (const auto& file : unknown) adopt(file, now);
  review_all_held(now);
  for (auto& [id, follow] : follows_)
    if (follow.fd && !follow.listed) enqueue(follow);
  enforce_removed_limit();
  retire(now);
  forget_old();
  by_path_.clear();
  for (const auto& [id, follow] : follows_)
    if (follow.fd) by_path_[follow.record->path] = id;
  ++scans_;
}

void Tailer::attach_listed(const Listing& listing, std::vector<ListedFile>& unknown, Time now) {
  std::set<Inode> still_compressed;
  for (const auto& file : listing.files) {
    const auto known_inode = by_inode_.find({file.device, file.inode});
    if (known_inode == by_inode_.end()) {
      const Inode inode{file.device, file.inode};
      if (compressed_.contains(inode)) {
        still_compressed.insert(inode);
      } else {
        unknown.push_back(file);
      }
      continue;
    }
    Follow& follow = follows_.at(known_inode->second);
    follow.listed = true;
    if (follow.record->path != file.path) {
      follow.renamed_from = follow.record->path;
      follow.record->path = file.path;
      follow.record->source = file.source;
      change(encode_file(*follow.record));
    }
    if (follow.fd) {
      if (file.size < follow.cursor.offset) {
        restart_generation(follow, now);
      } else if (file.size != follow.scanned) {
        enqueue(follow);
      }
    } else if (!attach(follow, file, now)) {
      lose_inode(follow, now);
      unknown.push_back(file);
    }
  }
  compressed_ = std::move(still_compressed);
}

// Opens a generation that was known before this process started. False: the inode holds something else now. True also
// when it cannot be opened: then it stays as it is, and the next scan tries again.
bool Tailer::attach(Follow& follow, const ListedFile& file, Time now) {
  std::uint64_t size = 0;
  unique_fd fd = open_listed(file, size);
  if (!fd) {
    follow.problem = open_problems_[file.path];
    return true;
  }
  const FileRecord& record = *follow.record;
  const Position& read = record.ledger.read();
  if (!record.held) {
    const bool same = size >= read.offset && head_matches(fd.get(), record.head) &&
                      position_matches(fd.get(), record.ledger.committed()) && position_matches(fd.get(), read);
    if (!same) return false;
  }
  const std::uint64_t from = read.offset > window_bytes ? read.offset - window_bytes : 0;
  follow.tail = read_window(fd.get(), from, static_cast<std::size_t>(read.offset - from));
  follow.fd = std::move(fd);
  follow.start = read_window(follow.fd.get(), 0, std::min<std::size_t>(record.head.length, 64));
  follow.identified = record.head.length > 0 || read.offset > 0 || record.held;
  follow.size = size;
  follow.quiet_since = follow.since = now;
  follow.problem.clear();
  follow.seeking = false;
  enqueue(follow);
  return true;
}

unique_fd Tailer::open_listed(const ListedFile& file, std::uint64_t& size) {
  // O_NONBLOCK: should it have become a FIFO meanwhile, opening must not wait.
  const int result = attempt([&] { return ::open(file.path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC); });
  if (result < 0) {
    if (result != -ENOENT) open_problems_[file.path] = Error::from_errno("open", file.path, -result).what();
    return {};
  }
  unique_fd fd(result);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0 || status.st_ino != file.inode || status.st_dev != file.device) return {};
  size = static_cast<std::uint64_t>(status.st_size);
  return fd;
}

// The generation's inode is gone, or holds something else. What is not read of it can only come from a copy.
void Tailer::lose_inode(Follow& follow, Time now) {
  FileRecord& record = *follow.record;
  const auto at = by_inode_.find({record.device, record.inode});
  if (at != by_inode_.end() && at->second == record.id) by_inode_.erase(at);
  follow.former = {record.device, record.inode};
  record.device = record.inode = 0;
  record.left_at = wall_s_;
  record.held = false;
  follow.fd.reset();
  follow.listed = false;
  follow.seeking = true;
  follow.lost_in_scan = scans_;
  follow.since = now;
  change(encode_file(record));
}

Tailer::Follow& Tailer::follow_new(const ListedFile& file, unique_fd fd, Time now) {
  FileRecord fresh;
  fresh.id = options_.make_id();
  fresh.source = file.source;
  fresh.path = file.path;
  fresh.device = file.device;
  fresh.inode = file.inode;
  FileRecord& record = positions_.put(fresh);
  Follow& follow = follows_[record.id];
  follow.record = &record;
  follow.fd = std::move(fd);
  follow.listed = true;
  follow.quiet_since = follow.since = now;
  by_inode_[{file.device, file.inode}] = record.id;
  return follow;
}

// Names next to the patterns' reach: where a file was renamed to while nobody watched, and where a copy may lie.
void Tailer::search_siblings(const Listing& listing, std::vector<ListedFile>& unknown, Time now) {
  std::set<std::string> directories;
  for (auto& [id, follow] : follows_) {
    const bool detached = follow.record->has_inode() && !follow.fd && !follow.listed;
    if (follow.seeking && now - follow.since > sibling_search) {
      follow.seeking = false;
      const auto left = follow.size - std::min(follow.size, follow.cursor.offset);
      counts_.lost_bytes += left;
      if (left)
        note(fmt::format("{} bytes of {} were truncated away before they were read, and no copy of them was found",
                         left, follow.record->path));
    }
    if (detached || follow.seeking) directories.insert(directory_of(follow.record->path));
  }
  if (directories.empty()) return;
  std::set<Inode> listed;
  for (const auto& file : listing.files) listed.insert({file.device, file.inode});
  for (const auto& directory : directories) {
    for (auto& file : list_regular_files(directory)) {
      if (listed.contains({file.device, file.inode})) continue;
      const auto own = by_inode_.find({file.device, file.inode});
      if (own != by_inode_.end()) {
        Follow& follow = follows_.at(own->second);
        if (follow.fd) continue;
        if (attach(follow, file, now)) {
          follow.record->path = file.path;
        } else {
          lose_inode(follow, now);
        }
        continue;
      }
      // A copy is named after its original: app.log -> app.log.1, app.log-20261122.
      for (const auto& [id, follow] : follows_) {
        if (!follow.seeking || directory_of(follow.record->path) != directory) continue;
        if (!name_of(file.path).starts_with(name_of(follow.record->path))) continue;
        file.source.clear();  // marks it: only a proven copy is followed
        unknown.push_back(file);
        break;
      }
    }
  }
  for (auto& [id, follow] : follows_)
    if (follow.record->has_inode() && !follow.fd && !follow.listed && follow.problem.empty()) lose_inode(follow, now);
}

void Tailer::retire(Time now) {
  for (auto& [id, follow] : follows_) {
    if (!follow.fd || follow.record->held) continue;
    if (follow.listed && follow.record->copy_of.is_null()) continue;
    struct stat status {};
    if (::fstat(follow.fd.get(), &status) != 0) continue;
    follow.deleted = status.st_nlink == 0;
    const auto size = static_cast<std::uint64_t>(status.st_size);
    const auto patience = finishing_                        ? std::chrono::nanoseconds(0)
                          : follow.listed || follow.deleted ? options_.deleted_idle
                                                            : options_.renamed_idle;
    if (size > std::max(follow.scanned, follow.cursor.offset) || now - follow.quiet_since < patience) continue;
    if (size > follow.cursor.offset) {
      // An unterminated last line that nobody will finish.
      if (!has_no_writer(follow.fd.get())) continue;
      follow.final = true;
      enqueue(follow);
    } else if (!follow.listed && follow.record->ledger.all_acknowledged() &&
               follow.cursor.offset == follow.record->ledger.read().offset && !is_needed(follow)) {
      close_finished(follow);
    }
  }
}

// A batch on its way may have to be read from this copy.
bool Tailer::is_needed(const Follow& follow) const {
  const auto original = follows_.find(follow.record->copy_of);
  return original != follows_.end() && !original->second.record->ledger.all_acknowledged();
}

void Tailer::close_finished(Follow& follow) {
  FileRecord& record = *follow.record;
  const auto at = by_inode_.find({record.device, record.inode});
  if (at != by_inode_.end() && at->second == record.id) by_inode_.erase(at);
  record.device = record.inode = 0;
  record.left_at = wall_s_;
  follow.fd.reset();
  change(encode_file(record));
}

void Tailer::enforce_removed_limit() {
  std::uint64_t at_risk = bytes_at_risk();
  if (at_risk > options_.removed_limit / 5 * 4 && !risk_noted_) {
    risk_noted_ = true;
    note(
        fmt::format("{} bytes wait in files that were deleted or renamed out of reach; past {} the oldest are given up",
                    at_risk, options_.removed_limit));
  }
  if (at_risk < options_.removed_limit / 2) risk_noted_ = false;
  while (at_risk > options_.removed_limit) {
    Follow* oldest = nullptr;
    for (auto& [id, follow] : follows_) {
      const bool ready = follow.fd && !follow.listed && follow.size > follow.cursor.offset &&
                         follow.cursor.offset == follow.record->ledger.read().offset;
      if (ready && (!oldest || follow.quiet_since < oldest->quiet_since)) oldest = &follow;
    }
    if (!oldest) return;
    const std::uint64_t left = oldest->size - oldest->cursor.offset;
    const Segment segment{oldest->record->ledger.read(), {oldest->size, oldest->size, 0, 0}};
    positions_.skip(oldest->record->id, segment, SkipReason::removed);
    change(encode_skip(oldest->record->id, segment, SkipReason::removed));
    oldest->cursor = {oldest->size, oldest->size};
    counts_.lost_bytes += left;
    note(fmt::format("gave up {} bytes of {}: too much waits in files out of reach", left, oldest->record->path));
    lose_inode(*oldest, oldest->since);
    oldest->seeking = false;
    at_risk -= std::min(at_risk, left);
  }
}

// Generations without an inode are remembered for a while, so that copies of them are recognised.
void Tailer::forget_old() {
  std::set<FileId> originals;
  for (const auto& [id, follow] : follows_)
    if (follow.record->held) originals.insert(follow.record->copy_of);
  std::vector<std::pair<std::int64_t, FileId>> candidates;
  for (const auto& [id, follow] : follows_) {
    const FileRecord& record = *follow.record;
    if (record.has_inode() || follow.seeking || follow.queued || originals.contains(id)) continue;
    if (!record.ledger.all_acknowledged() || record.ledger.read().offset != follow.cursor.offset) continue;
    candidates.push_back({record.left_at, id});
  }
  std::sort(candidates.begin(), candidates.end());
  std::size_t surplus = candidates.size() > most_remembered ? candidates.size() - most_remembered : 0;
  for (const auto& [left_at, id] : candidates) {
    if (surplus == 0 && wall_s_ - left_at < remembered_seconds) break;
    if (surplus > 0) --surplus;
    follows_.erase(id);
    positions_.forget(id);
    change(encode_forget(id));
  }
}

}  // namespace tandem::shipper
