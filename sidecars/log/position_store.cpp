#include "sidecars/log/position_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "sidecars/log/positions_codec.hpp"

namespace tandem::shipper {
namespace {

constexpr std::uint64_t journal_limit_bytes = 1u << 20;
constexpr std::size_t file_limit_bytes = 1u << 30;

}  // namespace

PositionStore::PositionStore(fs::path directory, std::string name, bool durable)
    : checkpoint_path_(directory / (name + ".positions")),
      journal_path_(directory / (name + ".journal")),
      durable_(durable) {
  make_directories(directory, 0700);
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
  const auto journal_text = read_file_if_exists(journal_path_, file_limit_bytes);
  if (journal_text && !trusted) set_aside(journal_path_);
  if (journal_text && trusted) {
    std::size_t used = 0;
    const Decoded decoded = replay_journal(*journal_text, epoch_, positions, used);
    if (!decoded.ok) give_up_on(journal_path_, decoded, "records may be repeated");
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
}

bool PositionStore::wants_checkpoint() const {
  return !journal_ || journal_bytes_ > std::max(journal_limit_bytes, checkpoint_bytes_);
}

void PositionStore::checkpoint(const Positions& positions) {
  const std::string text = encode_checkpoint(positions, epoch_ + 1);
  replace_file(checkpoint_path_, text, 0600, durable_);
  ++epoch_;
  checkpoint_bytes_ = text.size();
  open_journal();
}

}  // namespace tandem::shipper
