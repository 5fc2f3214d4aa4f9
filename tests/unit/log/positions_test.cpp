#include <unistd.h>

#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "sidecars/log/position_store.hpp"
#include "sidecars/log/positions_codec.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::shipper;

namespace {

Position at(std::uint64_t offset) {
  return {offset, offset, offset * 7, static_cast<std::uint32_t>(offset < 9 ? offset : 9)};
}

FileRecord file(std::uint64_t number) {
  FileRecord record;
  record.id = {number, number};
  record.source = "app";
  record.path = "/logs/a b%#\n.log";
  record.residences = {{3, 40 + number, false, record.path}, {3, 50 + number, true, record.path + ".1"}};
  record.head = {12, 0xabc, 0, "start"};
  return record;
}

BatchRecord batch(const std::string& id, std::vector<BatchSegment> segments) {
  BatchRecord record;
  record.id = id;
  record.time_ns = 17;
  record.segments = std::move(segments);
  return record;
}

Positions some() {
  Positions positions;
  positions.put(file(1));
  positions.put(file(2));
  positions.send(batch("b1", {{file(1).id, {at(0), at(10)}}, {file(2).id, {at(0), at(5)}}}));
  positions.send(batch("b2", {{file(1).id, {at(10), at(30)}}}));
  positions.acknowledge("b2");
  positions.skip(file(2).id, {at(5), at(8)}, SkipReason::hole);
  positions.sink_mark = "1:2:3";
  return positions;
}

void check_same(const Positions& read) {
  REQUIRE(read.files.size() == 2);
  const FileRecord& first = read.files.at(file(1).id);
  CHECK(first.path == file(1).path);
  CHECK(first.head == file(1).head);
  REQUIRE(first.residences.size() == 2);
  CHECK(first.residences[1].inode == 51);
  CHECK(first.residences[1].copy);
  CHECK(first.residences[1].path == file(1).residences[1].path);
  CHECK(first.ledger.committed().offset == 0);
  CHECK(first.ledger.read() == at(30));
  CHECK(first.ledger.acknowledged_bytes() == 20);
  const FileRecord& second = read.files.at(file(2).id);
  CHECK(second.ledger.read() == at(8));
  CHECK(second.ledger.outstanding_bytes() == 5);
  CHECK(second.skipped[static_cast<int>(SkipReason::hole)] == 3);
  REQUIRE(read.batches.size() == 3);
  CHECK(read.batches.front().id == "b1");
  CHECK_FALSE(read.batches.front().acknowledged);
  CHECK(read.sink_mark == "1:2:3");
}

}  // namespace

TEST_CASE("a checkpoint reads back as what was written, batches on their way included") {
  Positions read;
  const auto decoded = decode_checkpoint(encode_checkpoint(some(), 5), read);
  CHECK(decoded.problem == "");
  REQUIRE(decoded.ok);
  CHECK(decoded.epoch == 5);
  check_same(read);
  CHECK(read.acknowledge("b1"));
  CHECK(read.files.at(file(1).id).ledger.committed() == at(30));
  CHECK(read.files.at(file(2).id).ledger.committed() == at(8));
  CHECK(read.batches.empty());
}

TEST_CASE("every single changed byte of a checkpoint is noticed") {
  const std::string text = encode_checkpoint(some(), 5);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string damaged = text;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    Positions read;
    if (decode_checkpoint(damaged, read).ok) FAIL("byte " << i << " of " << text);
    CHECK(read.files.empty());
  }
}

TEST_CASE("a checkpoint that was cut off is noticed, wherever") {
  const std::string text = encode_checkpoint(some(), 5);
  for (std::size_t length = 0; length < text.size(); ++length) {
    Positions read;
    CAPTURE(length);
    CHECK_FALSE(decode_checkpoint(std::string_view(text).substr(0, length), read).ok);
  }
}

TEST_CASE("a checkpoint of a later version is told apart from a damaged one") {
  Positions read;
  const auto decoded = decode_checkpoint("tandem-log positions 2 7 #00000000\nwhatever\n", read);
  CHECK_FALSE(decoded.ok);
  CHECK(decoded.newer_version);
  CHECK(decoded.problem == "written by a later tandem-log: its version is 2, this program knows 1");
}

TEST_CASE("the journal does again what was done, up to a line that was cut off") {
  Positions read;
  std::string journal = encode_journal_header(5) + encode_file(file(1)) + encode_file(file(2)) +
                        encode_batch(batch("b1", {{file(1).id, {at(0), at(10)}}, {file(2).id, {at(0), at(5)}}})) +
                        encode_batch(batch("b2", {{file(1).id, {at(10), at(30)}}})) + encode_ack("b2") +
                        encode_skip(file(2).id, {at(5), at(8)}, SkipReason::hole) + encode_sink_mark("1:2:3");
  const std::size_t whole = journal.size();
  journal += "ack b1 #123";
  std::size_t used = 0;
  const auto decoded = replay_journal(journal, 5, read, used);
  CHECK(decoded.problem == "");
  CHECK(decoded.ok);
  CHECK(used == whole);
  check_same(read);
}

TEST_CASE("a journal of another epoch is contained in the checkpoint already") {
  Positions read;
  std::size_t used = 0;
  CHECK(replay_journal(encode_journal_header(4) + encode_file(file(1)), 5, read, used).ok);
  CHECK(read.files.empty());
}

TEST_CASE("a damaged journal line ends the replay and says which line it was") {
  Positions read;
  std::size_t used = 0;
  const auto decoded =
      replay_journal(encode_journal_header(5) + encode_file(file(1)) + "ack nothing #00000000\n", 5, read, used);
  CHECK_FALSE(decoded.ok);
  CHECK(decoded.problem == "line 3: the checksum does not match");
  CHECK(read.files.size() == 1);
}

TEST_CASE("the store remembers over a restart, checkpoints or not") {
  test::TemporaryDirectory directory;
  std::vector<std::string> complaints;
  {
    PositionStore store(directory.path(), "out", false);
    CHECK(store.load(complaints).files.empty());
    store.append(encode_file(file(1)));
    CHECK_THROWS_WITH(PositionStore(directory.path(), "out", false), Catch::Contains("another tandem-log uses them"));
  }
  {
    PositionStore store(directory.path(), "out", false);
    CHECK(store.load(complaints).files.size() == 1);
  }
  write_file(directory.path() / ".out.positions.1.0", "left by a kill");
  PositionStore store(directory.path(), "out", false);
  CHECK_FALSE(fs::exists(directory.path() / ".out.positions.1.0"));
  CHECK(store.load(complaints).files.size() == 1);
  CHECK(complaints.empty());
}

namespace {

// What a kill leaves behind: a checkpoint on its way to the disk and one record appended since, both in `directory`.
// False: the checkpoint was quicker than the record.
bool leave_checkpoint_on_its_way(const fs::path& directory) {
  std::vector<std::string> complaints;
  PositionStore store(directory, "out", false);
  Positions positions = store.load(complaints);
  store.append(encode_file(file(1)));
  positions.put(file(1));
  store.begin_checkpoint(positions);
  store.append(encode_file(file(2)));
  return fs::exists(directory / "out.journal.next");
}

void check_both_are_known(const fs::path& directory) {
  std::vector<std::string> complaints;
  PositionStore store(directory, "out", false);
  CHECK(store.load(complaints).files.size() == 2);
  CHECK_FALSE(fs::exists(directory / "out.journal.next"));
  CHECK(complaints.empty());
}

}  // namespace

TEST_CASE(
    "a checkpoint that nobody waits for loses nothing when a kill meets it before it counts or between its names") {
  const bool half_in_place = GENERATE(true, false);
  for (int tries = 0;; ++tries) {
    REQUIRE(tries < 1000);
    test::TemporaryDirectory directory;
    if (!leave_checkpoint_on_its_way(directory.path())) continue;
    for (const auto& name : list_directory(directory.path()))
      if (half_in_place && name.starts_with(".out.positions."))
        fs::rename(directory.path() / name, directory.path() / "out.positions");
    return check_both_are_known(directory.path());
  }
}

TEST_CASE("a checkpoint that nobody waits for counts at a later append") {
  test::TemporaryDirectory directory;
  const auto next = directory.path() / "out.journal.next";
  {
    std::vector<std::string> complaints;
    PositionStore store(directory.path(), "out", false);
    Positions positions = store.load(complaints);
    store.append(encode_file(file(1)));
    positions.put(file(1));
    store.begin_checkpoint(positions);
    REQUIRE(fs::exists(next));
    store.append(encode_file(file(2)));
    for (int i = 0; fs::exists(next); ++i) {
      REQUIRE(i < 1'000'000);
      store.append(encode_sink_mark("1:2:3"));
    }
  }
  check_both_are_known(directory.path());
}

TEST_CASE("a checkpoint that is begun and then made at once counts once") {
  test::TemporaryDirectory directory;
  std::vector<std::string> complaints;
  {
    PositionStore store(directory.path(), "out", false);
    Positions positions = store.load(complaints);
    store.begin_checkpoint(positions);
    store.append(encode_file(file(1)));
    positions.put(file(1));
    store.checkpoint(positions);
    store.append(encode_file(file(2)));
  }
  PositionStore store(directory.path(), "out", false);
  CHECK(store.load(complaints).files.size() == 2);
  CHECK(complaints.empty());
}

TEST_CASE("the store keeps damaged files aside and says so; those of a later version it leaves alone") {
  test::TemporaryDirectory directory;
  std::vector<std::string> complaints;
  {
    PositionStore store(directory.path(), "out", false);
    store.load(complaints);
  }
  write_file(directory.path() / "out.positions", "garbage\n");
  {
    PositionStore store(directory.path(), "out", false);
    CHECK(store.load(complaints).files.empty());
    REQUIRE(complaints.size() == 1);
    CHECK(complaints[0].find("line 1: not a positions file of tandem-log; kept as") != std::string::npos);
    CHECK(read_file(directory.path() / "out.positions.bad") == "garbage\n");
  }
  write_file(directory.path() / "out.positions", "tandem-log positions 9 1 #00000000\n");
  PositionStore store(directory.path(), "out", false);
  CHECK_THROWS_WITH(store.load(complaints), Catch::Contains("written by a later tandem-log"));
  CHECK(read_file(directory.path() / "out.positions").starts_with("tandem-log positions 9"));
}
