// A sibling that exchanges a directory of a shared volume for a link, again and again, while containers are started.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "tests/integration/linux/pod_in_a_folder.hpp"

using namespace tandem;

namespace {

class Swapper {
 public:
  Swapper(const fs::path& one, const fs::path& other) : child_(::fork()) {
    if (child_ != 0) return;
    for (;;) ::syscall(SYS_renameat2, AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE);
  }
  ~Swapper() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  Swapper(const Swapper&) = delete;
  Swapper& operator=(const Swapper&) = delete;

 private:
  pid_t child_;
};

}  // namespace

TEST_CASE(
    "a mount point or a sub path that is made while a sibling swaps its parent for a link is made inside, or not "
    "(CVE-2021-30465, CVE-2024-45310)") {
  test::PodInAFolder pod;
  const fs::path outside = pod.folder("outside");
  make_directories(outside);
  write_file(outside / "note", "of the host\n");
  const plan::Mount whole = pod.add_volume(test::volume("data"), "/whole");
  const plan::Mount other = pod.add_volume(test::volume("other"), "/other");
  const fs::path data = linux_::volume_directory(pod.plan.volumes[0], pod.paths);
  make_directories(data / "x");
  write_file(data / "x/note", "of the volume\n");
  fs::create_symlink(outside, data / "link");
  const Swapper swapper(data / "x", data / "link");

  int inside = 0, refused = 0;
  // Which of both comes is the machine's luck: until both have.
  for (int round = 0; round < 60 || ((inside == 0 || refused == 0) && round < 3000); ++round) {
    const std::string name = "made-" + std::to_string(round);
    plan::Container container = pod.shell("cat /sub/note /whole/x/note; ls /whole/x/" + name);
    plan::Mount below = other, sub = whole, made = whole;
    below.target = "/whole/x/" + name;  // its parents are a volume's, and it is missing
    sub.target = "/sub";
    sub.sub_path = "x";
    made.target = "/made";
    made.sub_path = "x/deep/" + name;
    container.mounts = {whole, below, sub, made};
    try {
      const std::string output = pod.run(container).output;
      CHECK(output.find("of the host") == std::string::npos);
      ++inside;
    } catch (const Error&) {
      ++refused;
    }
  }
  CHECK(list_directory(outside).size() == 1);
  CHECK(inside > 0);
  CHECK(refused > 0);
}
