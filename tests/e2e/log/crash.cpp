// What a main container wrote before it died arrives, and so it does when tandem-log dies.
#include <catch2/catch.hpp>
#include <csignal>
#include <nlohmann/json.hpp>

#include "tests/e2e/log/pods.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

TEST_CASE("every line of a main container that crashes arrives, its last half line too") {
  struct Crash {
    const char *name, *how, *resources;
    int code;
  };
  const auto crash =
      GENERATE(Crash{"exits", "exit 1", "{}", 1}, Crash{"killed", "echo written; sleep 1000", "{}", 137},
               Crash{"hungry", "x=0123456789abcdef; while :; do x=$x$x; done", "{limits: {memory: 16Mi}}", 137});
  INFO(crash.name);
  Receiver receiver;
  LogPod pod;
  pod.name = crash.name;
  pod.script = write_lines(0, 20'000) + "printf half >> /logs/app.log\n" + crash.how + "\n";
  pod.resources = crash.resources;
  machine().ok({"apply", "-f", "-"}, manifest_of(pod, receiver));
  if (pod.name == "killed") {
    REQUIRE(wait_until([&] { return machine().tandem({"logs", pod.name, "-c", "main"}).output == "written\n"; }));
    REQUIRE(::kill(machine().process_of(pod.name, "main"), SIGKILL) == 0);
  }
  REQUIRE(wait_until([&] { return phase_of(pod.name) == "Failed"; }));
  CHECK(status_of(pod.name, "main")["state"]["terminated"]["exitCode"] == crash.code);
  INFO(machine().tandem({"logs", pod.name, "-c", "log"}).output);
  CHECK(status_of(pod.name, "log")["state"]["terminated"]["exitCode"] == 0);
  CHECK(compare_lines(receiver, 20'000) == "");
  CHECK(receiver.messages()["half"] == 1);
  CHECK(receiver.count() == 20'001);
  machine().ok({"delete", "pod", pod.name});
}

TEST_CASE("a main container that crashes and is started again goes on where it was: each line arrives once") {
  Receiver receiver;
  LogPod pod;
  pod.name = "again";
  pod.restart_policy = "OnFailure";
  pod.script = "if [ -e /logs/ran ]; then\n" + write_lines(20'000, 30'000) + "exit 0\nfi\ntouch /logs/ran\n" +
               write_lines(0, 20'000) + "printf half >> /logs/app.log\nexit 3\n";
  machine().ok({"apply", "-f", "-"}, manifest_of(pod, receiver));
  REQUIRE(wait_until([&] { return phase_of(pod.name) == "Succeeded"; }));
  CHECK(status_of(pod.name, "main")["restartCount"] == 1);
  CHECK(receiver.count() == 30'000);
  auto messages = receiver.messages();
  CHECK(messages["halfline 20000"] == 1);  // that is what the file has
  messages.erase("halfline 20000");
  CHECK(messages.size() == 29'999);
  machine().ok({"delete", "pod", pod.name});
}

TEST_CASE("tandem-log killed while a main container writes comes back, and each line arrives once") {
  Receiver receiver;
  LogPod pod;
  pod.name = "resumed";
  std::string script;
  for (int part = 0; part < 30; ++part) script += write_lines(part * 1000, part * 1000 + 1000) + "sleep 0.1\n";
  pod.script = script;
  machine().ok({"apply", "-f", "-"}, manifest_of(pod, receiver));
  REQUIRE(wait_until([&] { return receiver.count() >= 10'000; }));
  const pid_t process = machine().process_of(pod.name, "log");
  REQUIRE(process > 0);
  REQUIRE(::kill(process, SIGKILL) == 0);
  REQUIRE(wait_until([&] { return phase_of(pod.name) == "Succeeded"; }, 90s));
  CHECK(compare_lines(receiver, 30'000) == "");
  CHECK(receiver.count() == 30'000);
  CHECK(status_of(pod.name, "log")["restartCount"] == 1);
  machine().ok({"delete", "pod", pod.name});
}

TEST_CASE("tandem-log killed twice and in back-off when the main container ends is called back and ships the rest") {
  Receiver receiver;
  LogPod pod;
  pod.name = "called-back";
  pod.script = write_lines(0, 10'000) + "echo first\nwhile [ ! -e /logs/go ]; do sleep 0.05; done\n" +
               write_lines(10'000, 30'000);
  machine().ok({"apply", "-f", "-"}, manifest_of(pod, receiver));
  REQUIRE(wait_until([&] { return receiver.count() == 10'000; }));
  for (int kill = 1; kill <= 2; ++kill) {
    pid_t process = 0;
    REQUIRE(wait_until([&] { return (process = machine().process_of(pod.name, "log")) > 0; }));
    REQUIRE(::kill(process, SIGKILL) == 0);
    REQUIRE(wait_until([&] {
      const auto state = status_of(pod.name, "log");
      return kill == 1 ? state.value("restartCount", 0) == 1 && state["state"].contains("running")
                       : state["state"].contains("waiting");
    }));
  }
  machine().ok({"exec", pod.name, "-c", "main", "--", "touch", "/logs/go"});
  REQUIRE(wait_until([&] { return phase_of(pod.name) == "Succeeded"; }));
  CHECK(compare_lines(receiver, 30'000) == "");
  CHECK(receiver.count() == 30'000);
  CHECK(status_of(pod.name, "log")["restartCount"] == 2);
  machine().ok({"delete", "pod", pod.name});
}
