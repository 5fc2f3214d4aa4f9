// Follows files and turns what is written to them into batches. Synchronous and without a clock: a driver calls scan()
// when directories change, touch() when files do, next() when the sink can take more, acknowledge() when it has.
// Everything it must know after a SIGKILL is in the PositionStore before next() hands a batch out.
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/os/unique_fd.hpp"
#include "sidecars/log/batch.hpp"
#include "sidecars/log/encode/encoder.hpp"
#include "sidecars/log/lag.hpp"
#include "sidecars/log/listing.hpp"
#include "sidecars/log/position_store.hpp"
#include "sidecars/log/probe.hpp"
#include "sidecars/log/punch_hole.hpp"
#include "sidecars/log/unpack.hpp"

namespace tandem::shipper {

using Time = std::chrono::steady_clock::time_point;

struct TailerOptions {
  std::vector<Source> sources;
  std::shared_ptr<Encoder> encoder;
  std::uint64_t line_limit = 1u << 20;   // longer lines go in pieces of this size
  std::uint64_t batch_bytes = 1u << 20;  // a batch ends with the record that reaches this
  std::uint64_t batch_records = 1u << 30;
  std::uint64_t chunk_bytes = 256u << 10;    // read at once
  std::uint64_t removed_limit = 1u << 30;    // bytes not yet acknowledged in files that left the patterns' reach
  UnpackLimits unpack;                       // of one compressed file
  std::size_t most_files = 10'000;           // that are followed; the others wait until some are done
  std::uint64_t most_name_bytes = 1u << 20;  // of their paths together
  std::size_t open_limit = 1u << 30;         // files that may be open; the others wait until some are done
  std::function<FileId()> make_id = random_file_id;
  std::uint64_t strong_evidence = window_bytes;  // so many equal bytes prove a copy; fewer may be chance
  std::chrono::nanoseconds deleted_idle = std::chrono::seconds(5);    // quiet for so long: a deleted file is finished
  std::chrono::nanoseconds renamed_idle = std::chrono::seconds(60);   // and one renamed out of reach
  std::chrono::nanoseconds copy_patience = std::chrono::seconds(10);  // for an original to be truncated after its copy
};

// One generation's account: written = acknowledged + skipped + still to come.
struct FileAccount {
  std::string path, source;
  FileId id;
  bool in_reach = true;  // false: deleted, or renamed to a name that no pattern matches
  std::uint64_t written = 0, read = 0, acknowledged = 0;
  std::uint64_t unterminated = 0;  // of written: at its end, without a newline yet
  std::uint64_t skipped[skip_reasons] = {};
  std::string problem;               // why it cannot be read now
  std::optional<Time> behind_since;  // its first byte that is not acknowledged has been there since then
};

// What the followed files tell of those that write them.
struct WriterSurvey {
  std::size_t written = 0;  // files that have bytes: somebody has written them
  std::size_t writers = 0, unknown = 0;
  std::string unknown_path;  // one of those
};

// How far a Tailer is with a file that its patterns match.
struct FileProgress {
  std::uint64_t acknowledged = 0;    // bytes from its beginning on, none left out
  bool settled = false;              // nothing of it is on its way, and nothing is sought that it may hold
  std::chrono::nanoseconds quiet{};  // since something new was found in it
};

struct TailerCounts {
  std::uint64_t records = 0, batches = 0, acknowledged_records = 0;
  std::uint64_t truncations = 0, copies = 0, ambiguous = 0, lost_bytes = 0, compressed_files = 0;
  std::uint64_t refused_links = 0, refused_compressed = 0, missed_files = 0;
  std::uint64_t cut_lines = 0, cut_records = 0;  // by limits.line, by multiline.maxLines
};

class Tailer {
 public:
  // `positions` is what store.load() gave. The store must outlive the Tailer.
  Tailer(TailerOptions options, PositionStore& store, Positions positions);

  // Looks at every pattern and file: new, renamed, truncated, deleted ones. `wall_s`: seconds since the epoch.
  void scan(Time now, std::int64_t wall_s);
  void touch(const std::string& path);  // something was written there; unknown paths are ignored
  void touch_all();
  bool takes(const std::string& path) const;    // whether a pattern matches it
  bool follows(const std::string& path) const;  // something that it named when names were last listed
  void miss(const std::string& path);           // it was written and deleted; counted unless it is followed
  // Takes note of what was touched and not read yet, as the sink takes nothing now: what is truncated or replaced
  // before it was read is known again in its copies.
  void look(Time now);

  // The next batch, its intent on disk; nullptr: nothing to read now, or the positions cannot be written
  // (store_problem() says so). First come the batches that a dead process had on their way.
  std::unique_ptr<Batch> next(Time now, std::int64_t wall_ns);
  // The sink has taken it for good. `sink_mark` replaces the sink's note when not empty.
  void acknowledge(const Batch& batch, const std::string& sink_mark = "");
  // It was not taken and is to be read again, as the options are now.
  void put_back(const Batch& batch);
  // Other sources, formats and limits from now on. What is open stays open.
  void reconfigure(TailerOptions options);
  // The body of a batch that is settled, to be filled again: memory that is warm is half the cost of a batch.
  void reuse(Buffer body);
  // Records of several lines wait for more of them, but not for ever: when the first of them is due (max(): none
  // waits), and what to call then.
  Time next_due() const;
  void touch_due(Time now);
  void set_sink_mark(const std::string& mark);
  const std::string& sink_mark() const { return positions_.sink_mark; }

  // No more waiting: last lines without a newline are records too, as soon as nobody has their file open for writing.
  void finish();

  bool has_work() const { return !queue_.empty() || !again_.empty() || unsaved_ || is_unpacking(); }
  // A large compressed file is unpacked a slice at a time: unpack_some() does one.
  bool is_unpacking() const { return !unpacking_.empty(); }
  void unpack_some(Time now);
  bool wants_scan() const { return wants_scan_; }      // a file was truncated: its copy is to be found
  bool has_unlisted() const { return has_unlisted_; }  // some files are followed that no directory watch reports: poll
  std::uint64_t unacknowledged_bytes() const;          // all that is written and not acknowledged or skipped
  std::uint64_t bytes_at_risk() const;                 // of it, in files out of reach
  std::uint64_t read_to_go_bytes() const;              // written, not yet read
  std::vector<FileAccount> accounts() const;
  // nullopt: it does not follow that file, or cannot tell (compressed, not yet read).
  std::optional<FileProgress> progress_of(std::uint64_t device, std::uint64_t inode, Time now) const;
  // Whether all `size` bytes are acknowledged, and the file still has those that were.
  bool has_shipped(std::uint64_t device, std::uint64_t inode, std::uint64_t size) const;
  // What of it nobody needs, if the file still has it: from its first bytes that are no hole to what is acknowledged.
  ByteRange releasable(std::uint64_t device, std::uint64_t inode) const;
  WriterSurvey survey_writers() const;  // asks the kernel about each open file
  const TailerCounts& counts() const { return counts_; }
  const std::string& store_problem() const { return store_problem_; }
  const std::map<std::string, std::string>& open_problems() const { return open_problems_; }  // path -> why
  std::size_t unfollowed_files() const { return unfollowed_; }                                // as there are too many
  const std::vector<std::string>& directories() const { return directories_; }                // to be watched
  std::vector<std::string> take_notes();  // what a person should read in the log, once
  const Positions& positions() const { return positions_; }

 private:
  using Inode = std::pair<std::uint64_t, std::uint64_t>;

  // A file that holds a generation or its beginning. Without an fd: known from an earlier process, not found yet.
  struct Place : Residence {
    unique_fd fd;
    std::string shown;       // the name in records: that of a symbolic link, not where it leads
    std::uint64_t size = 0;  // when last looked at
    bool listed = false;     // a pattern matches its name
    bool deleted = false;    // it has no name any more
    bool refused = false;    // it is there but cannot be opened now
    bool packed = false;     // fd is what a compressed file unpacks to
    Time since{};            // it became a place of this generation
    Inode node() const { return {device, inode}; }
  };
  struct Follow {
    FileRecord* record = nullptr;
    std::vector<Place> places;
    Inode leading{};            // the place it was last read from
    LineCursor cursor;          // ahead of record->ledger.read() while a batch is put together
    std::string tail;           // the bytes before cursor, to notice that the file was rewritten
    std::size_t segment = 0;    // where a batch that is put together has this file, if anywhere
    std::uint64_t written = 0;  // how much there was of it when it was last read
    std::uint64_t scanned = 0;  // no end of a record between cursor and here
    Time scanned_at{};          // when it came to be
    bool identified = false;    // it is known to be no copy of another: decided when it has a line to ship
    // What it is filed under in by_first_line_ while it is identified.
    std::optional<std::uint64_t> first_line;
    bool queued = false, final = false, head_changed = false;
    bool touched = false;            // and neither read nor looked at since
    FileId former;                   // what its file held before: it is no copy of that
    std::uint64_t lost_in_scan = 0;  // the number of scans when it began to seek
    std::string problem;
    Lag lag;
    Time quiet_since{}, seeking_since{}, placeless_since = Time::max();
  };
  struct Packed {  // a compressed file that is looked into
    Place place;
    std::string source;
    bool is_new = false, is_rotation = false;
    std::unique_ptr<Unpacking> unpacking;
  };
  enum class ReadResult { more, at_end, batch_full };
  struct Match {
    Follow* original = nullptr;
    bool by_chance = false;  // something agrees, but too little of it to tell
  };

  // tailer.cpp
  std::unique_ptr<Batch> assemble(Time now, std::int64_t wall_ns);
  void finish_body(Batch& batch);
  std::unique_ptr<Batch> save(std::unique_ptr<Batch> batch);
  bool settle_store();
  void change(const std::string& lines);  // to the journal; a failure makes a checkpoint due
  void enqueue(Follow& follow);
  void touch(Follow& follow);
  void note(std::string text) { notes_.push_back(std::move(text)); }

  // reading.cpp
  ReadResult read_into(Batch& batch, Follow& follow, Time now);
  static bool is_unread(const Follow& follow);
  Place* lead(Follow& follow, Time now);
  void look_at(Follow& follow, Time now);
  bool take_tail(Follow& follow, const Place& place);
  bool skip_hole(Batch& batch, Follow& follow, int fd);
  bool copy_raw(Batch& batch, Follow& follow, std::string_view& data);
  // So many bytes lie before `data` in memory.
  bool encode(Batch& batch, Follow& follow, std::string_view data, std::size_t before, Ending ending);
  const Framing* framing_of(const FileRecord& record) const;
  static bool has_segment(const Batch& batch, const Follow& follow);
  static void add_segment(Batch& batch, Follow& follow);

  // resend.cpp
  std::unique_ptr<Batch> read_again(Time now);
  bool awaits_place(const Follow& follow, const Position& end) const;
  const Place* provider(const FileId& id, const Segment& segment) const;

  // discovery.cpp
  void tell_refused(const Listing& listing);
  void tell_missed(Time now);
  std::size_t most_listed() const { return 4 * std::min<std::size_t>(options_.most_files, 1u << 28); }
  void attach_listed(const Listing& listing, std::vector<ListedFile>& unknown, Time now);
  bool attach(Follow& follow, Place& place, const ListedFile& file, Time now);
  void move_place(Follow& follow, Place& place, const ListedFile& file);
  void adopt(const ListedFile& file, Time now);
  void search_siblings(const Listing& listing, std::vector<ListedFile>& unknown, Time now);
  bool is_sought(const std::string& path, std::uint64_t since_scan = 0) const;
  bool is_known_compressed(const ListedFile& file) const;
  bool is_new_rotation(const Place& place, const std::string& source, Time now);
  void drop_missing(const std::vector<std::string>& unreadable, Time now);
  Follow& follow_new(const std::string& source, Place place, Time now);
  unique_fd open_listed(const ListedFile& file, std::uint64_t& size);
  Place* find_place(Follow& follow, Inode inode);
  // accounts.cpp
  static bool is_in_reach(const Follow& follow);
  static std::uint64_t written_of(const Follow& follow);
  static std::uint64_t unacknowledged_of(const Follow& follow);
  bool is_spooled(const FileRecord& record) const;

  // compressed.cpp
  void adopt_compressed(Place place, const std::string& source, Time now);
  bool start_unpacking(Packed& packed);
  void adopt_unpacked(Packed packed, Time now);
  bool unpack_into(Place& place);
  bool take_plain(Unpacking& unpacking, Place& place);

  // progress.cpp
  const Follow* holder_of(Inode inode, const Place*& place) const;

  // retirement.cpp
  void retire(Time now);
  void retire(Follow& follow, Time now);
  void end_search(Time now);
  void enforce_removed_limit();
  void forget_old(Time now);
  void forget(FileId id);

  // copies.cpp
  bool identify(Follow& follow, Time now);
  void identify_all(Time now);
  void join(Follow& follow, Place place, Time now);
  void review_copies(Time now);
  Place take_place(Follow& follow, Inode inode);
  Follow& leave(Follow& follow, Inode inode, Time now);
  void seek(Follow& follow, Time now);
  void skip_copied(Follow& follow, std::uint64_t verified);
  void save_places(Follow& follow);

  // copies_original.cpp
  void file_under(Follow& follow, std::uint64_t first_line);
  void know_beginning(Follow& follow, const Beginning& beginning);
  void unfile(Follow& follow);
  Match find_original(const Place& place, const Follow* self);
  std::uint64_t evidence(const Place& place, const Beginning& beginning, Follow& follow, Match& match, int& chances);
  static Known known(const Follow& follow);

  TailerOptions options_;
  PositionStore* store_;
  Positions positions_;
  std::unordered_map<FileId, Follow, FileIdHash> follows_;
  std::map<Inode, FileId> by_inode_;
  std::unordered_map<std::string, FileId> by_path_;
  // What a file may be a copy of: the identified generations by first_line_key, those under 0 of which it is not known.
  std::unordered_map<std::uint64_t, std::map<FileId, Follow*>> by_first_line_;
  // Compressed files by path: their inode, and the number of scans when they were looked into.
  std::map<std::string, std::pair<Inode, std::uint64_t>> compressed_;
  std::deque<Packed> unpacking_;
  std::uint64_t unpack_at_once_ = 0;  // bytes, in this scan or turn
  std::deque<FileId> queue_;
  std::vector<FileId> touched_;  // those whose Follow says so, and others
  std::deque<std::string> again_;
  std::unique_ptr<Batch> unsaved_;
  std::set<FileId> waiting_;  // for another line of a record
  Framer framer_;
  std::vector<char> buffer_;
  std::vector<Buffer> spare_bodies_;
  bool checkpoint_due_ = false, finishing_ = false, wants_scan_ = false, risk_noted_ = false, has_unlisted_ = false;
  std::uint64_t scans_ = 0;
  std::size_t open_files_ = 0;                 // at least as many as there are
  std::size_t followed_ = 0, unfollowed_ = 0;  // files, when they were last listed
  std::uint64_t name_bytes_ = 0;               // of those that are followed
  std::int64_t wall_s_ = 0;
  std::optional<std::int64_t> looked_at_;  // when all names were listed before, by a process before this one perhaps
  std::string store_problem_;
  std::map<std::string, std::string> open_problems_;
  std::vector<std::string> directories_, notes_;
  std::set<std::string> refused_;  // links that were told
  std::uint64_t missed_told_ = 0;  // of counts_.missed_files
  Time missed_told_at_{};
  std::string missed_example_;
  TailerCounts counts_;
};

// Whether any process, of any container, has the file open for writing. unknown: the kernel does not tell, as the file
// is another user's and CAP_LEASE is missing, or the file system has no leases.
enum class Writers { none, some, unknown };
Writers writers_of(int fd);
bool has_no_writer(int fd);
std::uint64_t size_of(int fd);

// A copy is named after its original: app.log -> app.log.1, app.log-20261122.
bool is_named_after(std::string_view path, std::string_view original);

}  // namespace tandem::shipper
