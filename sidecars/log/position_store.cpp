#include "sidecars/log/position_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "sidecars/log/disk_room.hpp"
#include "sidecars/log/positions_codec.hpp"

namespace tandem::shipper {
namespace {

constexpr std::uint64_t journal_limit_bytes = 4u << 20;
constexpr std::uint64_t disk_per_journal = 64;  // of a small disk: there are two of them, and two checkpoints
constexpr std::size_t file_limit_bytes = 1u << 30;

}  // namespace

PositionStore::PositionStore(fs::path directory, std::string name, bool durable)
    : checkpoint_path_(directory / (name + ".positions")),
      journal_path_(directory / (name + ".journal")),
      next_journal_path_(directory / (name + ".journal.next")),
      durable_(durable) {
  make_directories(directory, 0700);
  const std::uint64_t disk = size_of_disk(directory);
  journal_limit_ = disk > 0 ? std::min(journal_limit_bytes, disk / disk_per_journal) : journal_limit_bytes;
  auto lock = try_lock_file(directory / (name + ".lock"));
  if (!lock)
    throw Error(Fault::environment, "lock the positions in", directory.string(), "another tandem-log uses them",
                "give each one a state.dir of its own");
  lock_ = std::move(*lock);
  // What a kill in the middle of a replacement left. In a container every process is pid 1: the same name comes again.
  for (const auto& file : list_directory(directory))
    if (file.starts_with("." + name + ".")) ::unlink((directory / file).c_str());
}

void PositionStore::set_aside(const fs::path& path) {
  fs::path bad = path;
  bad += ".bad";
  check([&] { return ::rename(path.c_str(), bad.c_str()); }, "rename", path.string());
}

Positions PositionStore::load(std::vector<std::string>& complaints) {
  Positions positions;
  for (const auto& path : {checkpoint_path_, journal_path_, next_journal_path_}) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) written_at_ = std::max(written_at_.value_or(0), status.st_mtim.tv_sec);
  }
  const auto give_up_on = [&](const fs::path& path, const Decoded& decoded, const char* consequence) {
    if (decoded.newer_version) throw Error(Fault::environment, "read", path.string(), decoded.problem);
    set_aside(path);
    complaints.push_back(
        fmt::format("{}: {}; kept as {}.bad; {}", path.string(), decoded.problem, path.string(), consequence));
  };
  const auto checkpoint_text = read_file_if_exists(checkpoint_path_, file_limit_bytes);
  bool trusted = true;
  if (checkpoint_text) {
    const Decoded decoded = decode_checkpoint(*checkpoint_text, positions);
    epoch_ = decoded.epoch;
    trusted = decoded.ok;
    if (!trusted) give_up_on(checkpoint_path_, decoded, "every file is read from its beginning again");
  }
  // One of them goes with the checkpoint; the other is of another epoch.
  for (const auto& path : {journal_path_, next_journal_path_}) {
    const auto journal_text = read_file_if_exists(path, file_limit_bytes);
    if (journal_text && !trusted) set_aside(path);
    if (!journal_text || !trusted) continue;
    std::size_t used = 0;
    const Decoded decoded = replay_journal(*journal_text, epoch_, positions, used);
    if (!decoded.ok) give_up_on(path, decoded, "records may be repeated");
  }
  try {
    checkpoint(positions);
  } catch (const Error& error) {  // tried again before anything is shipped
    complaints.push_back(error.what());
  }
  return positions;
}

void PositionStore::open_journal() {
  journal_.reset();
  const std::string header = encode_journal_header(epoch_);
  replace_file(journal_path_, header, 0600);
  journal_ = open_file(journal_path_, O_WRONLY | O_APPEND);
  journal_bytes_ = header.size();
}

void PositionStore::append(std::string_view lines) {
  if (pending_ && pending_->synced.wait_for(std::chrono::seconds(0)) == std::future_status::ready) finish_pending();
  if (!journal_)
    throw Error(Fault::environment, "write", journal_path_.string(), "no journal since the last checkpoint failed");
  try {
    write_all(journal_.get(), lines, journal_path_.string());
  } catch (const Error&) {
    // Half a line must not stay: what is appended later would come after it.
    if (::ftruncate(journal_.get(), static_cast<off_t>(journal_bytes_)) != 0) journal_.reset();
    throw;
  }
  journal_bytes_ += lines.size();
  if (!pending_) return;
  try {
    write_all(pending_->journal.get(), lines, next_journal_path_.string());
    pending_->journal_bytes += lines.size();
  } catch (const Error&) {  // wanted again at once, and what is wrong is told then
    drop_pending();
  }
}

bool PositionStore::wants_checkpoint() const {
  return !journal_ || (!pending_ && journal_bytes_ > std::max(journal_limit_, checkpoint_bytes_));
}

void PositionStore::begin_checkpoint(const Positions& positions) {
  if (!journal_) return checkpoint(positions);
  drop_pending();
  const std::string text = encode_checkpoint(positions, epoch_ + 1), header = encode_journal_header(epoch_ + 1);
  Pending next;
  next.path = checkpoint_path_.parent_path() / ("." + checkpoint_path_.filename().string() + ".XXXXXX");
  unique_fd file(check([&] { return ::mkostemp(next.path.data(), O_CLOEXEC); }, "create", next.path));
  try {
    write_all(file.get(), text, next.path);
    replace_file(next_journal_path_, header, 0600);
    next.journal = open_file(next_journal_path_, O_WRONLY | O_APPEND);
  } catch (const Error&) {
    ::unlink(next.path.c_str());
    throw;
  }
  next.bytes = text.size();
  next.journal_bytes = header.size();
  next.synced = std::async(std::launch::async, [durable = durable_, synced = std::move(file)] {
    return durable && ::fsync(synced.get()) != 0 ? errno : 0;
  });
  pending_ = std::move(next);
}

void PositionStore::finish_pending() {
  const int failed = pending_->synced.get();
  if (failed) {
    drop_pending();
    throw Error::from_errno("fsync", checkpoint_path_.string(), failed);
  }
  Pending next = std::move(*pending_);
  pending_.reset();
  try {
    check([&] { return ::rename(next.path.c_str(), checkpoint_path_.c_str()); }, "rename to", checkpoint_path_);
  } catch (const Error&) {
    ::unlink(next.path.c_str());
    throw;
  }
  ++epoch_;
  checkpoint_bytes_ = next.bytes;
  journal_.reset();  // should the next step fail, all is written anew
  check([&] { return ::rename(next_journal_path_.c_str(), journal_path_.c_str()); }, "rename to", journal_path_);
  journal_ = std::move(next.journal);
  journal_bytes_ = next.journal_bytes;
}

void PositionStore::drop_pending() {
  if (!pending_) return;
  if (pending_->synced.valid()) pending_->synced.wait();
  ::unlink(pending_->path.c_str());
  pending_.reset();
}

void PositionStore::checkpoint(const Positions& positions) {
  drop_pending();
  ::unlink(next_journal_path_.c_str());
  const std::string text = encode_checkpoint(positions, epoch_ + 1);
  replace_file(checkpoint_path_, text, 0600, durable_);
  ++epoch_;
  checkpoint_bytes_ = text.size();
  open_journal();
}

}  // namespace tandem::shipper
