#include "pods/image/unpack.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;

namespace {

struct TarEntry {
  std::string name;
  int type = AE_IFREG;
  std::string text = {};  // content, or the target of a link
  bool hard_link = false;
};

void write_tar(const fs::path& path, const std::vector<TarEntry>& entries) {
  archive* tar = archive_write_new();
  archive_write_set_format_pax_restricted(tar);
  archive_write_open_filename(tar, path.c_str());
  for (const TarEntry& item : entries) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, item.name.c_str());
    archive_entry_set_filetype(entry, item.type);
    archive_entry_set_perm(entry, item.type == AE_IFDIR ? 0755 : 0644);
    if (item.type == AE_IFLNK) archive_entry_set_symlink(entry, item.text.c_str());
    if (item.hard_link) archive_entry_set_hardlink(entry, item.text.c_str());
    const bool has_data = item.type == AE_IFREG && !item.hard_link;
    archive_entry_set_size(entry, has_data ? static_cast<la_int64_t>(item.text.size()) : 0);
    archive_write_header(tar, entry);
    if (has_data) archive_write_data(tar, item.text.data(), item.text.size());
    archive_entry_free(entry);
  }
  archive_write_close(tar);
  archive_write_free(tar);
}

struct Unpacking {
  test::TemporaryDirectory directory;
  fs::path root = directory / "root";

  void operator()(const std::vector<TarEntry>& entries, bool whiteouts = true) {
    write_tar(directory / "tar", entries);
    make_directories(root);
    image::unpack_layer(directory / "tar", root, {.whiteouts = whiteouts, .want = {}});
  }
};

}  // namespace

TEST_CASE("nothing is written outside the directory, whatever the archive says") {
  Unpacking unpack;
  write_file(unpack.directory / "victim", "untouched");
  SECTION("a name that points upwards is refused") {
    CHECK_THROWS_AS(unpack({{"../victim", AE_IFREG, "evil"}}), Error);
  }
  SECTION("an absolute name lands inside") {
    unpack({{(unpack.directory / "victim").string(), AE_IFREG, "evil"}});
    CHECK(read_file(unpack.root.string() + (unpack.directory / "victim").string()) == "evil");
  }
  SECTION("a symlink to the outside leads inside") {
    unpack({{"door", AE_IFLNK, "../../.."}, {"door/victim", AE_IFREG, "evil"}});
    CHECK(read_file(unpack.root / "victim") == "evil");
  }
  SECTION("an absolute symlink leads inside") {
    make_directories(unpack.root.string() + unpack.directory.path().string());
    unpack({{"door", AE_IFLNK, unpack.directory.path().string()}, {"door/victim", AE_IFREG, "evil"}});
    CHECK(read_file(unpack.root.string() + (unpack.directory / "victim").string()) == "evil");
  }
  SECTION("a file replaces a symlink instead of following it") {
    unpack({{"file", AE_IFLNK, (unpack.directory / "victim").string()}, {"file", AE_IFREG, "evil"}});
    CHECK(read_file(unpack.root / "file") == "evil");
  }
  SECTION("a hard link through a symlink stays inside") {
    CHECK_THROWS_AS(unpack({{"door", AE_IFLNK, "../.."}, {"copy", AE_IFREG, "door/victim", true}}), Error);
  }
  CHECK(read_file(unpack.directory / "victim") == "untouched");
}

TEST_CASE("files, links and directories come out as they went in") {
  Unpacking unpack;
  unpack({{"usr/", AE_IFDIR},
          {"usr/file", AE_IFREG, "text"},
          {"usr/again", AE_IFREG, "usr/file", true},
          {"link", AE_IFLNK, "usr/file"},
          {"deep/without/parents", AE_IFREG, "x"}});
  CHECK(read_file(unpack.root / "link") == "text");
  CHECK(fs::equivalent(unpack.root / "usr/again", unpack.root / "usr/file"));
  CHECK(read_file(unpack.root / "deep/without/parents") == "x");
  struct stat status {};
  REQUIRE(::stat((unpack.root / "usr").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0755);
  CHECK(status.st_mtime == 0);
}

TEST_CASE("whiteouts become overlay's, and only where they are asked for") {
  Unpacking unpack;
  SECTION("asked for") {
    unpack({{"etc/.wh.gone", AE_IFREG, ""}, {"etc/.wh..wh.plnk", AE_IFREG, ""}});
    struct stat status {};
    REQUIRE(::lstat((unpack.root / "etc/gone").c_str(), &status) == 0);
    CHECK(S_ISCHR(status.st_mode));
    CHECK(status.st_rdev == makedev(0, 0));
    CHECK(list_directory(unpack.root / "etc") == std::vector<std::string>{"gone"});
  }
  SECTION("not asked for") {
    unpack({{"etc/.wh.gone", AE_IFREG, ""}}, false);
    CHECK(fs::is_regular_file(unpack.root / "etc/.wh.gone"));
  }
}

TEST_CASE("garbage and half an archive name the file") {
  Unpacking unpack;
  make_directories(unpack.root);
  write_file(unpack.directory / "tar", std::string(5000, 'x'));
  CHECK_THROWS_WITH(image::unpack_layer(unpack.directory / "tar", unpack.root, {}),
                    Catch::Contains((unpack.directory / "tar").string()));
  CHECK_THROWS_AS(image::unpack_deb(unpack.directory / "tar", unpack.root, {}), Error);
  write_tar(unpack.directory / "whole", {{"file", AE_IFREG, std::string(100'000, 'y')}});
  write_file(unpack.directory / "tar", read_file(unpack.directory / "whole").substr(0, 50'000));
  CHECK_THROWS_AS(image::unpack_layer(unpack.directory / "tar", unpack.root, {}), Error);
}
