#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <functional>
#include <future>

#include "core/os/files.hpp"
#include "pods/state/objects.hpp"
#include "pods/state/undo_record.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::state;

namespace {

Roots roots_in(const test::TemporaryDirectory& directory) {
  Roots roots;
  roots.run = directory / "run";
  roots.lib = directory / "lib";
  return roots;
}

}  // namespace

TEST_CASE(
    "what a killed writer of an object left goes with the next change, a removal of another that is not there too") {
  const test::TemporaryDirectory directory;
  const Roots roots = roots_in(directory);
  const ObjectKey key{"Pod", "default", "c2"}, none{"Pod", "default", "c3"};
  CHECK_FALSE(remove_object(roots, none));
  write_object(roots, {key, "{}"});
  const fs::path place = object_path(roots, key).parent_path();
  const std::vector<std::function<void()>> changes{[&] {
                                                     write_object(roots, {key, "{\"a\":1}"});
                                                   },
                                                   [&] {
                                                     write_object(roots, {key, "{\"a\":1}"});
                                                   },
                                                   [&] { CHECK_FALSE(remove_object(roots, none)); }};
  for (const auto& change : changes) {
    write_file(place / ".c2.json.Ab12_x", "half");
    write_file(place / ".c3.json.Ab12_y", "half");
    change();
    CHECK(list_directory(place) == std::vector<std::string>{"c2.json"});
  }
}

TEST_CASE("who writes or removes an object waits for another who does, whose file it leaves alone") {
  const test::TemporaryDirectory directory;
  const Roots roots = roots_in(directory);
  const ObjectKey key{"Pod", "default", "c2"};
  write_object(roots, {key, "{}"});
  const fs::path place = object_path(roots, key).parent_path();
  for (const bool removes : {false, true}) {
    unique_fd lock = lock_directory_soon(place);
    write_file(place / ".c3.json.Ab12_y", "half");
    auto change = std::async(std::launch::async, [&] {
      removes ? remove_object(roots, key) : write_object(roots, {key, "{\"a\":1}"}) == Written::configured;
    });
    CHECK(change.wait_for(std::chrono::milliseconds(50)) == std::future_status::timeout);
    CHECK(list_directory(place) == std::vector<std::string>{".c3.json.Ab12_y", "c2.json"});
    lock.reset();
    change.get();
    CHECK(list_directory(place) == (removes ? std::vector<std::string>{} : std::vector<std::string>{"c2.json"}));
  }
}

TEST_CASE("an object's file that is a directory, a FIFO or a device is damage of that one, replaced and removed") {
  const test::TemporaryDirectory directory;
  const Roots roots = roots_in(directory);
  write_object(roots, {{"ConfigMap", "default", "good"}, "{}"});
  const ObjectKey key{"ConfigMap", "default", "bad"};
  const fs::path file = object_path(roots, key);
  const std::vector<std::function<void()>> damages{
      [&] { fs::create_directories(file / "below"); }, [&] { REQUIRE(::mkfifo(file.c_str(), 0600) == 0); },
      [&] { fs::create_symlink("/dev/zero", file); }, [&] { fs::create_symlink("bad.json", file); }};
  for (const auto& damage : damages) {
    damage();
    CHECK(read_object(roots, key) == "");
    CHECK(list_objects(roots, "ConfigMap").size() == 2);
    CHECK(write_object(roots, {key, "{}"}) == Written::configured);
    CHECK(read_object(roots, key) == "{}");
    CHECK(remove_object(roots, key));
    damage();
    CHECK(remove_object(roots, key));
    CHECK_FALSE(remove_object(roots, key));
  }
}

TEST_CASE("an undo record that is no file that can be read is damage, and is set aside for a new one") {
  const test::TemporaryDirectory directory;
  const PodPaths paths(roots_in(directory), "0123456789ab");
  make_directories(paths.run);
  CHECK(read_undo(paths).damage.empty());
  for (const bool fifo : {true, false}) {
    REQUIRE((fifo ? ::mkfifo(paths.undo().c_str(), 0600) : ::mkdir(paths.undo().c_str(), 0700)) == 0);
    CHECK(read_undo(paths).damage.size() == 1);
    UndoRecord(paths).append(UndoStep{UndoKind::volume, "v", "", {}});
    CHECK(read_undo(paths).damage.empty());
    CHECK(read_undo(paths).steps.size() == 1);
    fs::remove(paths.undo());
  }
}
