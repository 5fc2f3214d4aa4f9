// The part of the Tailer that finds files: which generation each name holds now.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "core/os/check.hpp"
#include "sidecars/log/positions_codec.hpp"
#include "sidecars/log/tailer.hpp"

namespace tandem::shipper {
namespace {

constexpr std::int64_t clock_slack_s = 2;  // files' times are those of a coarse clock, in whole seconds here
constexpr std::uint64_t unpacked_by_scan = 16u << 20;  // at once
constexpr std::uint64_t large_packed = 256u << 10;     // it is not unpacked in one go
constexpr std::size_t most_told_at_once = 20;
constexpr auto between_missed = std::chrono::minutes(1);

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

void Tailer::scan(Time now, std::int64_t wall_s) {
  if (scans_ > 0) looked_at_ = wall_s_;
  wall_s_ = wall_s;
  wants_scan_ = false;
  if (++scans_ == 1) {
    for (auto& [id, follow] : follows_) follow.quiet_since = follow.seeking_since = now;
  }
  const Listing listing = list_sources(options_.sources, most_listed());
  tell_refused(listing);
  tell_missed(now);
  directories_ = listing.directories;
  unpack_at_once_ = unpacked_by_scan;
  open_files_ = unpacking_.size();
  for (const auto& [id, follow] : follows_)
    for (const auto& place : follow.places) open_files_ += place.fd ? 1 : 0;
  open_problems_.clear();
  for (const auto& directory : listing.unreadable) open_problems_[directory] = "the directory cannot be listed";
  for (const auto& directory : listing.cut)
    open_problems_[directory] = directory + " has more names than limits.files lets be listed";
  const bool all_were_followed = unfollowed_ == 0;
  unfollowed_ = followed_ = name_bytes_ = 0;
  for (const auto& [id, follow] : follows_) {
    if (follow.places.empty()) continue;
    ++followed_;
    name_bytes_ += follow.record->path.size();
  }
  for (auto& [id, follow] : follows_)
    for (auto& place : follow.places)
      place.listed = place.listed && contains(listing.unreadable, directory_of(place.path));
  std::vector<ListedFile> unknown;
  attach_listed(listing, unknown, now);
  search_siblings(listing, unknown, now);
  for (const auto& file : unknown) adopt(file, now);
  if (unfollowed_ > 0 && all_were_followed)
    note(std::to_string(unfollowed_) + " files are not followed, as limits.files or limits.fileNames is reached");
  review_copies(now);
  end_search(now);
  for (auto& [id, follow] : follows_)
    if (std::any_of(follow.places.begin(), follow.places.end(), [](const Place& p) { return p.fd && !p.listed; }))
      enqueue(follow);
  enforce_removed_limit();
  retire(now);
  forget_old(now);
  by_path_.clear();
  has_unlisted_ = false;
  for (const auto& [id, follow] : follows_) {
    for (const auto& place : follow.places) {
      by_path_[place.path] = id;
      has_unlisted_ = has_unlisted_ || (place.fd && !place.listed);
    }
  }
}

// Once for each name, as long as it is there.
void Tailer::tell_refused(const Listing& listing) {
  std::set<std::string> now(listing.refused.begin(), listing.refused.end());
  std::size_t told = 0;
  for (const auto& path : now) {
    if (refused_.contains(path)) continue;
    ++counts_.refused_links;
    if (++told <= most_told_at_once) note(path + " is not read: a link leads to it that follow.links does not allow");
  }
  if (told > most_told_at_once) note(std::to_string(told - most_told_at_once) + " more such links are not followed");
  refused_ = std::move(now);
}

// Now and then, as they may be many.
void Tailer::tell_missed(Time now) {
  if (counts_.missed_files == missed_told_ || (missed_told_ > 0 && now - missed_told_at_ < between_missed)) return;
  note(std::to_string(counts_.missed_files - missed_told_) +
       " files were deleted before they could be opened, such as " + missed_example_);
  missed_told_ = counts_.missed_files;
  missed_told_at_ = now;
}

void Tailer::attach_listed(const Listing& listing, std::vector<ListedFile>& unknown, Time now) {
  for (const auto& file : listing.files) {
    const Inode inode{file.device, file.inode};
    const auto owner = by_inode_.find(inode);
    if (owner == by_inode_.end()) {
      if (!is_known_compressed(file)) unknown.push_back(file);
      continue;
    }
    Follow& follow = follows_.at(owner->second);
    Place& place = *find_place(follow, inode);
    place.listed = true;
    if (place.fd) {
      if (place.shown != file.path || place.path != file.location()) move_place(follow, place, file);
      if (place.packed) continue;
      if (file.size != follow.scanned || file.size < place.size) enqueue(follow);
      place.size = std::max(place.size, file.size);
      follow.lag.saw(file.size, now);
    } else if (!attach(follow, place, file, now)) {
      unknown.push_back(file);
    }
  }
}

void Tailer::move_place(Follow& follow, Place& place, const ListedFile& file) {
  const bool leads = !place.copy && (place.node() == follow.leading || follow.places.size() == 1);
  place.path = file.location();
  place.shown = file.path;
  if (leads && follow.record->path != file.path)
    follow.record->formerly = std::exchange(follow.record->path, file.path);
  if (leads && !file.source.empty()) follow.record->source = file.source;
  save_places(follow);
}

// Opens a place that was known before this process started. False: the inode holds something else now, and is no place
// any more. True also when it cannot be opened: then the next scan tries again.
bool Tailer::attach(Follow& follow, Place& place, const ListedFile& file, Time now) {
  std::uint64_t size = 0;
  place.refused = false;
  unique_fd fd = open_listed(file, size);
  if (!fd) {
    place.refused = true;
    follow.problem = open_problems_[file.path];
    return true;
  }
  place.fd = std::move(fd);
  place.size = size;
  // A large one is left, and comes back as what is sought, slice by slice. What nothing is known of would not be found.
  const bool packed = looks_compressed(read_window(place.fd.get(), 0, 8));
  const bool readable = !packed || ((size <= large_packed || !follow.identified) && unpack_into(place));
  fd = std::move(place.fd);
  size = place.size;
  const FileRecord& record = *follow.record;
  const Position& read = record.ledger.read();
  bool same = !follow.identified && readable;
  if (readable && follow.identified && size >= read.offset) {
    const bool emptied = size == 0 && record.head.length > 0;  // before anything was read of it
    same = !emptied && Beginning(fd.get()).agreement(record.head) && position_matches(fd.get(), read) &&
           position_matches(fd.get(), record.ledger.committed());
  } else if (readable && follow.identified && place.copy) {
    same = size > 0 && !compare_content(fd.get(), size, Beginning(fd.get()), known(follow)).diverges;
  }
  if (!same) {
    take_place(follow, place.node());
    seek(follow, now);
    return false;
  }
  if (follow.first_line == std::uint64_t{0}) {
    const Beginning beginning(fd.get());
    if (beginning.offset() == record.head.offset && beginning.bytes().size() >= record.head.length)
      file_under(follow, beginning.first_line(options_.strong_evidence));
  }
  place.fd = std::move(fd);
  place.size = size;
  place.since = now;
  follow.written = std::max(follow.written, size);
  follow.problem.clear();
  if (place.path != file.location()) move_place(follow, place, file);
  place.shown = file.path;
  enqueue(follow);
  return true;
}

unique_fd Tailer::open_listed(const ListedFile& file, std::uint64_t& size) {
  if (open_files_ >= options_.open_limit) {
    open_problems_[file.path] = Error::from_errno("open", file.path, EMFILE, "raise the limit of open files").what();
    return {};
  }
  // O_NONBLOCK: should it have become a FIFO meanwhile, opening must not wait. O_NOATIME: or each read of what was just
  // written would write the inode; only the owner may, or who has CAP_FOWNER.
  const auto open_with = [&](int flags) {
    return attempt([&] { return ::open(file.path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags); });
  };
  int result = open_with(O_NOATIME);
  if (result == -EPERM) result = open_with(0);
  if (result < 0) {
    if (result != -ENOENT) open_problems_[file.path] = Error::from_errno("open", file.path, -result).what();
    return {};
  }
  unique_fd fd(result);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0 || status.st_ino != file.inode || status.st_dev != file.device) return {};
  size = static_cast<std::uint64_t>(status.st_size);
  ++open_files_;
  return fd;
}

Tailer::Place* Tailer::find_place(Follow& follow, Inode inode) {
  const auto at = std::find_if(follow.places.begin(), follow.places.end(),
                               [&](const Place& place) { return place.node() == inode; });
  return at == follow.places.end() ? nullptr : &*at;
}

Tailer::Follow& Tailer::follow_new(const std::string& source, Place place, Time now) {
  FileRecord fresh;
  fresh.id = options_.make_id();
  fresh.source = source;
  fresh.path = place.shown;
  FileRecord& record = positions_.put(fresh);
  Follow& follow = follows_[record.id];
  follow.record = &record;
  ++followed_;
  name_bytes_ += record.path.size();
  follow.leading = place.node();
  follow.written = place.size;
  follow.quiet_since = now;
  by_inode_[place.node()] = record.id;
  place.since = now;
  place.copy = false;
  follow.places.push_back(std::move(place));
  save_places(follow);
  touch(follow);
  return follow;
}

// A file that no generation is known to be in. What a pattern matches is followed at once, and looked at more closely
// when it has a line; other files are of interest only as copies of what was truncated.
void Tailer::adopt(const ListedFile& file, Time now) {
  const bool is_full = followed_ >= options_.most_files || name_bytes_ + file.path.size() > options_.most_name_bytes;
  if (is_full && !file.source.empty()) {
    ++unfollowed_;
    return;
  }
  Place place;
  place.device = file.device;
  place.inode = file.inode;
  place.path = file.location();
  place.shown = file.path;
  place.fd = open_listed(file, place.size);
  if (!place.fd) return;
  const bool compressed = looks_compressed(read_window(place.fd.get(), 0, 8));
  if (compressed || file.source.empty()) --open_files_;  // most of those are closed again
  if (compressed) return adopt_compressed(std::move(place), file.source, now);
  if (!file.source.empty()) {
    place.listed = true;
    follow_new(file.source, std::move(place), now);
    return;
  }
  const Match match = find_original(place, nullptr);
  if (match.original && match.original->record->seeking) join(*match.original, std::move(place), now);
}

// Names next to the patterns' reach: where a file was renamed to while nobody watched, and where a copy may lie.
void Tailer::search_siblings(const Listing& listing, std::vector<ListedFile>& unknown, Time now) {
  std::set<Inode> listed;
  for (const auto& file : listing.files) listed.insert({file.device, file.inode});
  std::set<std::string> directories;
  for (const auto& [id, follow] : follows_)
    for (const auto& place : follow.places)
      if (!place.fd && !place.listed &&
          may_read_in(options_.sources, directory_of(place.path), directory_of(follow.record->path)))
        directories.insert(directory_of(place.path));
  for (const auto& directory : directories) {
    for (const auto& file : list_regular_files(directory, most_listed())) {
      const Inode inode{file.device, file.inode};
      const auto owner = by_inode_.find(inode);
      if (owner == by_inode_.end() || listed.contains(inode)) continue;
      Follow& follow = follows_.at(owner->second);
      Place& place = *find_place(follow, inode);
      if (!place.fd) attach(follow, place, file, now);
    }
  }
  drop_missing(listing.unreadable, now);
  // Only now it is known what is to be sought.
  directories.clear();
  for (const auto& [id, follow] : follows_) {
    const std::string directory = directory_of(follow.record->path);
    if (follow.record->seeking && may_read_in(options_.sources, directory, directory)) directories.insert(directory);
  }
  for (const auto& directory : directories) {
    for (const auto& file : list_regular_files(directory, most_listed())) {
      const Inode inode{file.device, file.inode};
      if (listed.contains(inode) || by_inode_.contains(inode)) continue;
      if (is_sought(file.path) && !is_known_compressed(file)) unknown.push_back(file);
    }
  }
}

// A copy is named after its original: app.log -> app.log.1, app.log-20261122.
bool Tailer::is_sought(const std::string& path, std::uint64_t since_scan) const {
  return std::any_of(follows_.begin(), follows_.end(), [&](const auto& f) {
    const Follow& follow = f.second;
    const auto fits = [&](const std::string& original) {
      return !original.empty() && directory_of(original) == directory_of(path) && path.starts_with(original);
    };
    return follow.record->seeking && follow.lost_in_scan >= since_scan &&
           (fits(follow.record->path) || fits(follow.record->formerly));
  });
}

// By its name too: the inode of a deleted one may be a log's today.
bool Tailer::is_known_compressed(const ListedFile& file) const {
  const auto known = compressed_.find(file.path);
  if (known == compressed_.end() || known->second.first != Inode{file.device, file.inode}) return false;
  return !is_sought(file.path, known->second.second);
}

// What was written, copied and compressed since the names were listed last: nothing of it need be known. What is in an
// older one was shipped, or was there before anything was followed: compressing keeps the time of the last write.
bool Tailer::is_new_rotation(const Place& place, const std::string& source, Time now) {
  struct stat status {};
  if (source.empty() || !looked_at_ || ::fstat(place.fd.get(), &status) != 0) return false;
  if (status.st_mtim.tv_sec + clock_slack_s < *looked_at_) return false;
  std::vector<Follow*> originals;
  for (auto& [id, follow] : follows_)
    if (is_named_after(place.path, follow.record->path) || is_named_after(place.path, follow.record->formerly))
      originals.push_back(&follow);
  // Should one have been truncated, that must be known before what it held is met.
  for (Follow* const original : originals)
    if (original->identified) look_at(*original, now);
  return !originals.empty();
}

// Places that were known before this process started and are nowhere now.
void Tailer::drop_missing(const std::vector<std::string>& unreadable, Time now) {
  for (auto& [id, follow] : follows_) {
    std::vector<Inode> missing;
    for (const auto& place : follow.places)
      if (!place.fd && !place.listed && !place.refused && !contains(unreadable, directory_of(place.path)))
        missing.push_back(place.node());
    for (const Inode& inode : missing) {
      take_place(follow, inode);
      seek(follow, now);
    }
  }
}

}  // namespace tandem::shipper
