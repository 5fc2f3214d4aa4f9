// Pods whose RUN, a tmpfs of its own, has no inode left: nothing can be created there.
#include <sys/mount.h>
#include <sys/statvfs.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/state/layout.hpp"
#include "tests/e2e/pods/busybox.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

constexpr fsfilcnt_t plenty = 1000;

// A Tandem of its own, with the images of the others'.
class ScarceMachine {
 public:
  ScarceMachine() : images_(machine().root() / "lib/images"), machine_(images_) {
    make_directories(run());
    check([&] { return ::mount("scarce", run().c_str(), "tmpfs", 0, "nr_inodes=1000,mode=755"); }, "mount", run());
  }
  ~ScarceMachine() {
    allow(plenty);
    machine_.tandem({"delete", "pod", "--all", "--grace-period", "0"});
    // Who removes it, a moment after the last pod, looks into RUN.
    wait_until([] {
      return run_command({"ip", "-o", "link", "show"}).output.find(state::find_roots().bridge()) == std::string::npos;
    });
    ::umount2(run().c_str(), MNT_DETACH);
    ::setenv("TANDEM_ROOT", machine().root().c_str(), 1);
  }

  const Machine& here() const { return machine_; }
  fsfilcnt_t used() const {
    struct statvfs status {};
    REQUIRE(::statvfs(run().c_str(), &status) == 0);
    return status.f_files - status.f_ffree;
  }
  void allow(fsfilcnt_t inodes) const {
    const std::string option = "nr_inodes=" + std::to_string(inodes);
    check([&] { return ::mount("scarce", run().c_str(), "tmpfs", MS_REMOUNT, option.c_str()); }, "remount", run());
  }

 private:
  fs::path run() const { return machine_.root() / "run"; }

  fs::path images_;
  Machine machine_;
};

}  // namespace

TEST_CASE("where no file can be created any more, pods are shown as they are, and deleted") {
  const ScarceMachine scarce;
  scarce.allow(scarce.used());
  CHECK(scarce.here().ok({"delete", "pod", "--all"}) == "No resources found\n");
  scarce.allow(plenty);
  const TemporaryDirectory out;
  const std::string pod =
      shell_pod("full", "trap 'echo farewell > /out/words; exit 0' TERM; while :; do sleep 0.1; done",
                "volumes: [{name: out, hostPath: {path: " + out.path().string() + "}}]",
                "volumeMounts: [{name: out, mountPath: /out}]");
  scarce.here().ok({"apply", "-f", "-"}, pod);
  REQUIRE(wait_until([&] { return scarce.here().ready("full"); }));
  scarce.allow(scarce.used());
  CHECK(scarce.here().ok({"get", "pods"}).find("Running") != std::string::npos);
  const auto applied =
      scarce.here().tandem({"apply", "-f", "-"}, shell_pod("one", "true") + "---\n" + shell_pod("two", "true"), 20s);
  CHECK(applied.status.code == 69);
  CHECK(applied.errors.find("No space left on device") != std::string::npos);
  const auto begin = std::chrono::steady_clock::now();
  const auto deleted = scarce.here().tandem({"delete", "pod", "full"});
  INFO(deleted.output << deleted.errors);
  CHECK(deleted.status == ExitStatus{});
  CHECK(std::chrono::steady_clock::now() - begin < 60s);
  CHECK(fs::exists(out / "words"));  // it had its grace period
  CHECK(scarce.here().tandem({"get", "pod", "full"}).status.code == 1);
  CHECK(list_directory(scarce.here().root() / "run/pods").empty());
  CHECK(list_directory(scarce.here().root() / "run/locks").empty());
}
