// Positions on disk: DIR/NAME.positions (the checkpoint, replaced as a whole) and DIR/NAME.journal (what changed
// since); DIR/NAME.journal.next while a checkpoint is on its way to the disk: the journal that goes with it. Kept
// through SIGKILL of the process; after a crash of the machine the newest changes may be missing, which repeats records
// and loses none.
#pragma once

#include <filesystem>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/os/unique_fd.hpp"
#include "sidecars/log/positions.hpp"

namespace tandem::shipper {

class PositionStore {
 public:
  // Makes the directory and locks NAME in it; Error{environment} when another process has it. `durable`: fsync of
  // checkpoints.
  PositionStore(std::filesystem::path directory, std::string name, bool durable = true);

  // What was saved, and nothing on the first start. A damaged file is kept as NAME.*.bad, a complaint is added to
  // `complaints`, and its good part is used: records may be repeated. Files of a later version: Error{environment}.
  // Writes a fresh checkpoint; that it failed is a complaint too, and wants_checkpoint() then.
  Positions load(std::vector<std::string>& complaints);

  // Seconds since the epoch when what load() gave was written last; nullopt: there was nothing.
  std::optional<std::int64_t> written_at() const { return written_at_; }

  const std::filesystem::path directory() const { return checkpoint_path_.parent_path(); }

  // Appends journal lines; when it throws, nothing was appended.
  void append(std::string_view lines);
  bool wants_checkpoint() const;  // the journal has grown long
  void checkpoint(const Positions& positions);
  // The same without waiting for the disk: it counts at a later append(), which says when it failed.
  void begin_checkpoint(const Positions& positions);

 private:
  // A checkpoint on its way to the disk, and the journal that goes with it.
  struct Pending {
    std::string path;  // of the checkpoint
    unique_fd journal;
    std::uint64_t bytes = 0, journal_bytes = 0;
    std::future<int> synced;  // errno
  };
  void set_aside(const std::filesystem::path& path);
  void open_journal();
  void finish_pending();
  void drop_pending();

  std::filesystem::path checkpoint_path_, journal_path_, next_journal_path_;
  bool durable_;
  unique_fd lock_, journal_;
  std::optional<Pending> pending_;
  std::optional<std::int64_t> written_at_;
  std::uint64_t epoch_ = 0, journal_bytes_ = 0, checkpoint_bytes_ = 0, journal_limit_ = 0;
};

}  // namespace tandem::shipper
