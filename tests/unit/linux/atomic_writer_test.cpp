#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/linux/atomic_writer.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::linux_;
using Files = std::vector<plan::VolumeFile>;

TEST_CASE("files of a volume are reached through ..data, as under kubelet") {
  const test::TemporaryDirectory volume;
  write_atomically(volume.path(), {{"app.conf", "one", 0640}, {"conf.d/extra", "two", 0644}}, {});
  CHECK(fs::read_symlink(volume / "app.conf") == "..data/app.conf");
  CHECK(fs::read_symlink(volume / "conf.d") == "..data/conf.d");
  CHECK(fs::read_symlink(volume / "..data").string().starts_with("..2"));
  CHECK(read_file(volume / "app.conf") == "one");
  CHECK(read_file(volume / "conf.d/extra") == "two");
  struct stat status;
  REQUIRE(::stat((volume / "app.conf").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0640);
}

TEST_CASE("a new set of files replaces the old one, and nothing of it stays") {
  const test::TemporaryDirectory volume;
  write_atomically(volume.path(), {{"a", "1"}, {"b", "1"}, {"c/d", "1"}}, {});
  const std::string first = fs::read_symlink(volume / "..data");
  write_atomically(volume.path(), {{"a", "2"}, {"c", "a file now"}}, {});
  CHECK(read_file(volume / "a") == "2");
  CHECK(read_file(volume / "c") == "a file now");
  CHECK_FALSE(fs::exists(fs::symlink_status(volume / "b")));
  CHECK_FALSE(fs::exists(volume / first));
  CHECK(list_directory(volume.path()).size() == 4);  // ..data, the set, a, c
}

TEST_CASE("the same files again touch nothing") {
  const test::TemporaryDirectory volume;
  const Files files = {{"a", "1"}, {"b/c", "2"}};
  write_atomically(volume.path(), files, {});
  const std::string first = fs::read_symlink(volume / "..data");
  write_atomically(volume.path(), files, {});
  CHECK(fs::read_symlink(volume / "..data") == first);
}

TEST_CASE("a write that was cut off is completed by the next one") {
  const test::TemporaryDirectory volume;
  write_atomically(volume.path(), {{"a", "1"}}, {});
  fs::create_directory(volume / "..2026_01_01_00_00_00.000000001");
  fs::create_symlink("nowhere", volume / "..data_tmp");
  fs::remove(volume / "a");
  write_atomically(volume.path(), {{"a", "1"}}, {});
  CHECK(read_file(volume / "a") == "1");
  CHECK(list_directory(volume.path()).size() == 3);
}

TEST_CASE("no set of files is an empty volume") {
  const test::TemporaryDirectory volume;
  write_atomically(volume.path(), {{"a", "1"}}, {});
  write_atomically(volume.path(), {}, {});
  CHECK_FALSE(fs::exists(fs::symlink_status(volume / "a")));
}

TEST_CASE("a path that leaves the volume is refused before anything is written") {
  const test::TemporaryDirectory volume;
  for (const char* path : {"../x", "/etc/x", "a/../../x", "..data", "", "a/"}) {
    CAPTURE(path);
    CHECK_THROWS_AS(write_atomically(volume.path(), {{"good", "1"}, {path, "2"}}, {}), Error);
  }
  CHECK(list_directory(volume.path()).empty());
}
