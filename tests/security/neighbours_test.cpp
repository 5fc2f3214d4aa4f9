// What a container sees of the host's processes and of those beside it.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "core/os/files.hpp"
#include "tests/security/hostile_pod.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

const char* const two_containers = R"(apiVersion: v1
kind: Pod
metadata: {name: beside}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - {name: main, image: localhost/hostile, command: [sleep, "1000"]}
  - {name: sibling, image: localhost/hostile, command: [sh, -c, "echo s3cret > /note; exec sleep 1000"]}
)";

// Device and inode of a descriptor's file, of each that `hostile descriptors` tells.
struct Descriptor {
  int number;
  std::string target, device, inode;
};
std::vector<Descriptor> parsed(const std::string& text) {
  std::vector<Descriptor> all;
  std::istringstream lines(text);
  std::string dev, ino;
  for (Descriptor each; lines >> each.number >> each.target >> dev >> each.device >> ino >> each.inode;)
    all.push_back(each);
  return all;
}

}  // namespace

TEST_CASE("processes of the host, of the pod's guardians and of a sibling are not there for a container") {
  machine().ok({"apply", "-f", "-"}, two_containers);
  REQUIRE(wait_until([] { return machine().ready("beside"); }));
  std::vector<std::string> command{"exec", "beside", "-c", "main", "--", "hostile", "reach"};
  // Numbers that mean a process of the host; those below 100 could be the container's own.
  std::size_t asked = 0;
  for (const pid_t pid : {machine().process_of("beside", "sibling"), machine().process_of("beside", "supervisor"),
                          machine().process_of("beside", "keeper"), ::getpid(), ::getppid()}) {
    if (pid < 100) continue;
    command.push_back(std::to_string(pid));
    ++asked;
  }
  REQUIRE(asked >= 4);
  const std::string text = machine().ok(command);
  INFO(text);
  CHECK(text.find(" could") == std::string::npos);
  CHECK(text.find("trace refused: No such process") != std::string::npos);

  const std::string seen = machine().ok({"exec", "beside", "-c", "main", "--", "sh", "-c",
                                         "ls -d /proc/[0-9]* | grep -c .; cat /proc/1/root/note; "
                                         "stat -c %i /proc/1/root/. /."});
  INFO(seen);
  CHECK(seen.find("s3cret") == std::string::npos);
  machine().ok({"delete", "pod", "beside"});
}

TEST_CASE("a container has three descriptors, of pipes and its own /dev/null, at its start, in exec and in a probe") {
  machine().ok({"apply", "-f", "-"}, R"(apiVersion: v1
kind: Pod
metadata: {name: holds}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: localhost/hostile
    command: [sh, -c, "hostile descriptors > /start; exec sleep 1000"]
    readinessProbe: {exec: {command: [sh, -c, "hostile descriptors > /probe"]}, periodSeconds: 1}
    lifecycle: {postStart: {exec: {command: [sh, -c, "hostile descriptors > /hook"]}}}
)");
  REQUIRE(wait_until([] { return machine().ready("holds"); }));
  struct stat null {};
  REQUIRE(::stat("/dev/null", &null) == 0);
  std::map<std::string, std::string> seen{{"exec", machine().ok({"exec", "holds", "--", "hostile", "descriptors"})}};
  for (const char* file : {"/start", "/probe", "/hook"})
    seen[file] = machine().ok({"exec", "holds", "--", "cat", file});
  for (const auto& [where, text] : seen) {
    INFO(where << ":\n" << text);
    const std::vector<Descriptor> all = parsed(text);
    REQUIRE(all.size() == 3);
    for (int number = 0; number < 3; ++number) {
      CHECK(all[number].number == number);
      const std::string& target = all[number].target;
      // The shell's redirection to a file of the container is its own doing.
      CHECK((target.starts_with("pipe:") || target == "/dev/null" || target == where || target.ends_with("/stdout") ||
             target.ends_with("/stderr")));
      CHECK_FALSE(
          (all[number].device == std::to_string(null.st_dev) && all[number].inode == std::to_string(null.st_ino)));
    }
  }
  machine().ok({"delete", "pod", "holds"});
}
