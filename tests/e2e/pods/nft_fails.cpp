// What a deletion does whose rules cannot be taken back.
#include <sys/mount.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "tests/e2e/pods/busybox.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

// Lies over the program `nft`, for keepers have a PATH of their own, and fails when it is told to.
class FailingNft {
 public:
  FailingNft() : program_(find_program("nft")) {
    fs::copy_file(program_, folder_ / "real");
    const std::string script = folder_ / "script", real = folder_ / "real";
    write_file(script, "#!/bin/sh\nif [ -e " + broken().string() + " ]; then echo out of order >&2; exit 1; fi\nexec " +
                           real + " \"$@\"\n");
    ::chmod(script.c_str(), 0755);
    check([&] { return ::mount(script.c_str(), program_.c_str(), nullptr, MS_BIND, nullptr); }, "cover", program_);
  }
  ~FailingNft() { ::umount2(program_.c_str(), MNT_DETACH); }
  void fail() { write_file(broken(), ""); }
  void work() { fs::remove(broken()); }

 private:
  fs::path broken() const { return folder_ / "broken"; }

  TemporaryDirectory folder_;
  std::string program_;
};

std::string rules() { return run_command({"nft", "list", "ruleset"}).output; }

std::string published_pod(const std::string& name, int port) {
  return shell_pod(name, "sleep 1000", "terminationGracePeriodSeconds: 0",
                   "ports: [{containerPort: 8080, hostPort: " + std::to_string(port) + "}]");
}

}  // namespace

TEST_CASE("a deletion whose rules cannot be taken back says so with 69, and the next one leaves nothing") {
  FailingNft nft;
  machine().ok({"apply", "-f", "-"}, published_pod("published", 18086) + "---\n" + published_pod("neighbour", 18087));
  REQUIRE(wait_until([] { return machine().ready("published") && machine().ready("neighbour"); }));
  REQUIRE(rules().find("18086") != std::string::npos);

  nft.fail();
  for (int twice = 0; twice < 2; ++twice) {
    const auto refused = machine().tandem({"delete", "pod", "published"});
    CAPTURE(refused.output, refused.errors);
    CHECK(refused.status.code == 69);
    CHECK(refused.errors.find("out of order") != std::string::npos);
  }
  nft.work();
  REQUIRE(rules().find("18086") != std::string::npos);

  machine().ok({"delete", "pod", "published"});
  CHECK(rules().find("18086") == std::string::npos);
  CHECK(rules().find("18087") != std::string::npos);
  CHECK(machine().pod("published").is_null());
  machine().ok({"delete", "pod", "neighbour"});
  CHECK(machine().leftovers() == "");
}
