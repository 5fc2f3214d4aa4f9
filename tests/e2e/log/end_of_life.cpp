// The end of a pod: nothing stays behind, and a Job completes.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/e2e/log/pods.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

const char* const with_main = "exit: with-main\nshutdown: {quiet: 1s}\n";

}  // namespace

TEST_CASE("a burst of 50,000 lines followed at once by the pod's deletion arrives within the grace period") {
  Receiver receiver;
  receiver.set_answer([](int) { return test::Answer::unavailable; });  // so that all of it is still to be shipped
  LogPod pod;
  pod.name = "burst";
  pod.script = "trap 'printf half >> /logs/app.log; exit 0' TERM\n" + write_lines(0, 50'000) +
               "echo written\nwhile :; do sleep 0.1; done\n";
  machine().ok({"apply", "-f", "-"}, manifest_of(pod, receiver));
  REQUIRE(wait_until([&] { return machine().tandem({"logs", pod.name, "-c", "main"}).output == "written\n"; }));
  REQUIRE(wait_until([&] { return receiver.requests() > 0; }));
  REQUIRE(receiver.count() == 0);
  receiver.set_answer(nullptr);
  machine().ok({"delete", "pod", pod.name});
  CHECK(compare_lines(receiver, 50'000) == "");
  CHECK(receiver.messages()["half"] == 1);
  CHECK(receiver.count() == 50'001);
}

TEST_CASE("with exit: with-main a pod of ordinary containers completes, and everything has arrived") {
  const int code = GENERATE(0, 7);
  Receiver receiver;
  LogPod pod;
  pod.name = "job" + std::to_string(code);
  pod.ordinary = true;
  pod.config = with_main;
  // It is silent for longer than the quiet time, but has its log open.
  pod.script = "exec 3>>/logs/app.log\necho line 0 >&3\nsleep 3\nexec 3>&-\n" + write_lines(1, 10'000) +
               "printf half >> /logs/app.log\nexit " + std::to_string(code) + "\n";
  machine().ok({"apply", "-f", "-"}, manifest_of(pod, receiver));
  REQUIRE(wait_until([&] { return phase_of(pod.name) == (code == 0 ? "Succeeded" : "Failed"); }));
  INFO(machine().tandem({"logs", pod.name, "-c", "log"}).output);
  CHECK(status_of(pod.name, "main")["state"]["terminated"]["exitCode"] == code);
  CHECK(status_of(pod.name, "log")["state"]["terminated"]["exitCode"] == 0);
  CHECK(compare_lines(receiver, 10'000) == "");
  CHECK(receiver.messages()["half"] == 1);
  machine().ok({"delete", "pod", pod.name});
}

TEST_CASE("where the kernel does not tell who writes, tandem-log says so and stays until SIGTERM") {
  Receiver receiver;
  LogPod pod;
  pod.name = "other-user";
  pod.ordinary = true;
  pod.user = 0;
  pod.config = with_main;
  pod.script = write_lines(0, 100) + "exit 0\n";
  machine().ok({"apply", "-f", "-"}, manifest_of(pod, receiver));
  REQUIRE(wait_until([&] {
    return machine().tandem({"logs", pod.name, "-c", "log"}).output.find("so the program does not end with them") !=
           std::string::npos;
  }));
  CHECK(phase_of(pod.name) == "Running");
  CHECK(compare_lines(receiver, 100) == "");
  machine().ok({"delete", "pod", pod.name});
}
