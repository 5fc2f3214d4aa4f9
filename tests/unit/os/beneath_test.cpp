#include "core/os/beneath.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using Catch::Matchers::Contains;

namespace {

// A volume that others write, and a secret beside it.
struct Volume {
  Volume() {
    make_directories(folder / "volume/deep");
    make_directories(folder / "private");
    write_file(folder / "private/secret", "secret");
    write_file(root / "file", "file");
    write_file(root / "deep/file", "deep");
    fs::permissions(root, fs::perms::all);
  }
  void link(const std::string& to, const std::string& name) const { fs::create_symlink(to, root / name); }
  // What is read there, or the error's name.
  std::string read(const std::string& below, Folder::Links links = Folder::Links::inside) const {
    const unique_fd file(Folder(root).open(below, O_RDONLY, links));
    if (!file) return errno_name(Folder(root).open(below, O_RDONLY, links));
    return read_file("/proc/self/fd/" + std::to_string(file.get()));
  }
  static std::string errno_name(int result) {
    return result == -EXDEV ? "EXDEV" : result == -ELOOP ? "ELOOP" : result == -ENOENT ? "ENOENT" : "another";
  }

  test::TemporaryDirectory folder;
  fs::path root = folder / "volume";
};

}  // namespace

TEST_CASE("links that stay in a folder are followed, relative and absolute ones, and none that lead out of it") {
  const Volume volume;
  volume.link("deep/file", "relative");
  volume.link((volume.root / "deep/file").string(), "absolute");
  volume.link("absolute", "chain");
  volume.link("deep", "folder");
  volume.link("../private/secret", "out");
  volume.link((volume.folder / "private/secret").string(), "away");
  volume.link("away", "chain-away");
  volume.link("../private", "folder-out");
  volume.link("../volume/deep/file", "round");
  volume.link("/proc/self/cwd/file", "magic");
  volume.link("nowhere", "dead");
  CHECK(volume.read("file") == "file");
  for (const char* name : {"relative", "absolute", "chain", "folder/file", "round"}) {
    INFO(name);
    CHECK(volume.read(name) == "deep");
    CHECK(volume.read(name, Folder::Links::never) != "deep");
  }
  for (const char* name : {"out", "away", "chain-away", "folder-out/secret", "magic"}) {
    INFO(name);
    CHECK(volume.read(name) == "EXDEV");
  }
  CHECK(volume.read("dead") == "ENOENT");
  CHECK(volume.read("file", Folder::Links::never) == "file");
}

TEST_CASE("in a folder that others can write a file's link may not lead out of it, elsewhere it may") {
  const Volume volume;
  volume.link("../private/secret", "config");
  CHECK_THROWS_WITH(read_given_file(volume.root / "config"), Contains("leads out of its folder"));
  fs::permissions(volume.root, fs::perms::owner_all);
  CHECK(read_given_file(volume.root / "config") == "secret");
}

TEST_CASE("a Kubernetes volume, whose files are links in a folder that all may write, is read") {
  const Volume volume;
  make_directories(volume.root / "..2026_11_30");
  write_file(volume.root / "..2026_11_30/tls.key", "key");
  volume.link("..2026_11_30", "..data");
  volume.link("..data/tls.key", "tls.key");
  CHECK(read_given_file(volume.root / "tls.key") == "key");
}

TEST_CASE("what is no regular file is told, and not waited for") {
  const Volume volume;
  const auto fifo = volume.root / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK_THROWS_WITH(read_given_file(fifo), Contains("fifo: it is a FIFO"));
  CHECK_THROWS_WITH(open_given_file(fifo, O_WRONLY | O_APPEND | O_CREAT), Contains("it is a FIFO"));
  CHECK_THROWS_WITH(read_given_file("/dev/zero"), Contains("it is a device"));
  CHECK_THROWS_WITH(read_given_file(volume.root), Contains("Is a directory"));
  CHECK_THROWS_WITH(read_given_file(volume.root / "none"), Contains("No such file"));
  const unique_fd made = open_given_file(volume.root / "made", O_WRONLY | O_CREAT, 0640);
  CHECK((fs::status(volume.root / "made").permissions() & fs::perms::others_all) == fs::perms::none);
}
