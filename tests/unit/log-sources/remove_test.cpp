// Deleting a file, and only that one.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "sidecars/log/listing.hpp"
#include "sidecars/log/remove_shipped.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::shipper;

namespace {

using Result = Removal::Result;

class Folder {
 public:
  Folder() { write_file(path(), "0123456789"); }
  std::string path() const { return directory_ / "app.log.1"; }
  std::string directory() const { return directory_.path(); }
  struct stat look() const {
    struct stat status {};
    ::stat(path().c_str(), &status);
    return status;
  }
  Removal remove() const { return remove_shipped(path(), look().st_dev, look().st_ino, 10); }
  std::size_t names() const { return list_directory(directory()).size(); }

 private:
  test::TemporaryDirectory directory_;
};

}  // namespace

TEST_CASE("a shipped file that nobody writes is deleted") {
  const Folder folder;
  const auto removal = folder.remove();
  CHECK(removal.problem == "");
  CHECK(removal.result == Result::removed);
  CHECK(folder.names() == 0);
  CHECK(folder.remove().result == Result::gone);
}

TEST_CASE("a file that somebody has open for writing stays") {
  const Folder folder;
  const unique_fd writer = open_file(folder.path(), O_WRONLY | O_APPEND);
  CHECK(folder.remove().result == Result::written);
  CHECK(folder.names() == 1);
}

TEST_CASE("a reader does not keep a file from being deleted") {
  const Folder folder;
  const unique_fd reader = open_file(folder.path(), O_RDONLY);
  CHECK(folder.remove().result == Result::removed);
}

TEST_CASE("a file that has grown since it was shipped keeps its name") {
  const Folder folder;
  { write_all(open_file(folder.path(), O_WRONLY | O_APPEND).get(), "more", "app"); }
  CHECK(folder.remove().result == Result::written);
  CHECK(list_directory(folder.directory()) == std::vector<std::string>{"app.log.1"});
}

TEST_CASE("another file under the name stays, and so does a link") {
  const Folder folder;
  const auto before = folder.look();
  write_file(folder.path() + ".new", "0123456789");
  fs::rename(folder.path() + ".new", folder.path());
  CHECK(remove_shipped(folder.path(), before.st_dev, before.st_ino, 10).result == Result::gone);
  const auto now = folder.look();
  fs::rename(folder.path(), folder.path() + ".real");
  fs::create_symlink(folder.path() + ".real", folder.path());
  CHECK(remove_shipped(folder.path(), now.st_dev, now.st_ino, 10).result == Result::gone);
  CHECK(folder.names() == 2);
}

TEST_CASE("a file that was about to be deleted when its process was killed gets its name back") {
  const Folder folder;
  const std::string waiting =
      folder.directory() + "/.tandem-log-shipped." + std::to_string(folder.look().st_ino) + ".app.log.1";
  fs::rename(folder.path(), waiting);
  write_file(folder.directory() + "/.tandem-log-shipped.x", "of somebody else");
  finish_removals(folder.directory());
  CHECK(read_file(folder.path()) == "0123456789");
  CHECK(folder.names() == 2);
  fs::rename(folder.path(), waiting);
  write_file(folder.path(), "the name is taken");
  finish_removals(folder.directory());
  CHECK(read_file(waiting) == "0123456789");
  CHECK(read_file(folder.path()) == "the name is taken");
}
