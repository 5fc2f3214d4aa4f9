// What pods share, and the link of one whose network namespace somebody holds, go after the answer of `delete`.
#include <fcntl.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>
#include <sstream>

#include "core/os/files.hpp"
#include "pods/state/layout.hpp"
#include "tests/e2e/pods/busybox.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

const char* const at_once = "terminationGracePeriodSeconds: 0";

// The pods' ends at the bridge, as `ip` tells them.
std::set<std::string> ports() {
  std::set<std::string> found;
  std::istringstream lines(run_command({"ip", "-o", "link", "show", "type", "veth"}).output);
  for (std::string number, name, rest; lines >> number >> name && std::getline(lines, rest);)
    found.insert(name.substr(0, name.find('@')));
  return found;
}

std::string launch(const std::string& pod) {
  const std::set<std::string> before = ports();
  machine().ok(
      {"apply", "-f", "-"},
      shell_pod(pod, "mkdir /tmp/www; echo here > /tmp/www/index.html; exec httpd -f -p 8080 -h /tmp/www", at_once));
  REQUIRE(wait_until([&] { return machine().ready(pod); }));
  REQUIRE(wait_until([&] { return http_get(machine().pod_ip(pod), 8080, "/").body == "here\n"; }));
  for (const std::string& port : ports())
    if (before.count(port) == 0) return port;
  return "";
}

bool is_guarded(const std::string& port) {
  return run_command({"nft", "list", "ruleset"}).output.find("\"" + port + "\" : goto") != std::string::npos;
}

}  // namespace

TEST_CASE(
    "a network namespace that somebody holds keeps neither the pod's link nor its guard, and takes no neighbour's") {
  const std::string held = launch("held"), neighbour = launch("neighbour");
  REQUIRE(is_guarded(held));
  const unique_fd holder =
      open_file("/proc/" + std::to_string(machine().process_of("held", "main")) + "/ns/net", O_RDONLY);
  machine().ok({"delete", "pod", "held"});
  CHECK(wait_until([&] { return ports() == std::set<std::string>{neighbour} && !is_guarded(held); }));
  CHECK(is_guarded(neighbour));
  machine().ok({"delete", "pod", "neighbour"});
  CHECK(machine().leftovers() == "");
}

TEST_CASE("a pod that comes right after the last one has gone has its network, again and again") {
  for (int round = 0; round < 5; ++round) {
    CHECK(is_guarded(launch("next")));
    machine().ok({"delete", "pod", "next"});
  }
  CHECK(machine().leftovers() == "");
}

TEST_CASE("what could not be removed after a delete is said by the next one, which removes it") {
  launch("last");
  const TemporaryDirectory folder;
  write_file(folder / "nft", "#!/bin/sh\necho 'nft is not well' >&2\nexit 1\n", 0755);
  const std::string path = "PATH=" + folder.path().string() + ":" + std::getenv("PATH");
  REQUIRE(run_command({"env", path, TANDEM_BINARY_DIR "/bin/tandem", "delete", "pod", "last"}).status == ExitStatus{});
  CHECK(wait_until([] { return fs::exists(state::find_roots().run / "unused.failed"); }));
  const CommandResult next = machine().tandem({"delete", "pod", "none", "--ignore-not-found"});
  CHECK(next.status == ExitStatus{});
  CHECK_THAT(next.errors, Catch::Contains("what pods shared was not removed") && Catch::Contains("nft is not well"));
  CHECK(machine().leftovers() == "");
  CHECK(machine().tandem({"delete", "pod", "none", "--ignore-not-found"}).errors == "");
}
