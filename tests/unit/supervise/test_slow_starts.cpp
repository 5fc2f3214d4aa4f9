// Programs that take long to begin: somebody holds a lease on the file, a network file system is away.
#include <catch2/catch.hpp>

#include "tests/unit/supervise/fake_pod.hpp"

using namespace tandem;
using namespace tandem::supervise;
using namespace tandem::supervise::test;

namespace {
const StartFailed stopped_start(std::size_t i) { return {i, StartFailure::create, "stopped"}; }
}  // namespace

TEST_CASE("what is still starting holds back those after it and nobody else") {
  FakePod pod(test::pod({container("log", ContainerKind::sidecar), container("setup", ContainerKind::init),
                         container("a"), container("b")}));
  pod.starts_by_hand = true;
  pod.begin();
  pod.wait(100s);
  CHECK(pod.words() == Words{"start log 0"});
  pod.tell(Started{0});
  pod.wait(100s);
  CHECK(pod.words() == Words{"start log 0", "start setup 0"});
  pod.tell(Started{1});
  pod.exit("setup");
  CHECK(pod.words() == Words{"start log 0", "start setup 0", "start a 0", "start b 0"});
  pod.tell(Started{3});
  CHECK(pod.running("b"));
  CHECK_FALSE(pod.running("a"));
  pod.exit("b", 1);
  CHECK(pod.words().back() == "start b 1");
}

TEST_CASE("a program that has not begun when its pod is stopped never does, and was never run") {
  FakePod pod(test::pod({container("log", ContainerKind::sidecar), container("a"), container("b")}));
  pod.starts_by_hand = true;
  pod.begin();
  pod.tell(Started{0});
  pod.tell(Started{1});
  pod.clear();
  pod.tell(StopRequested{30s});
  CHECK(pod.words() == Words{"stop a", "kill b"});
  pod.tell(stopped_start(2));
  pod.exit("a");
  CHECK(pod.words() == Words{"stop a", "kill b", "stop log"});
  CHECK(pod.record("b").phase == ContainerPhase::waiting);
  CHECK(pod.record("b").attempt == -1);
  CHECK_FALSE(pod.reported("Failed"));
  pod.exit("log");
  CHECK(pod.words().back() == "finish");
}

TEST_CASE("a program that begins in the very moment in which its start is given up is stopped like another") {
  FakePod pod(test::pod({container("a")}));
  pod.starts_by_hand = true;
  pod.begin();
  pod.tell(StopRequested{30s});
  pod.tell(Started{0});
  CHECK(pod.words() == Words{"start a 0", "kill a", "stop a"});
  pod.wait(30s);
  CHECK(pod.words().back() == "kill a");
  pod.die("a", 9);
  CHECK(pod.words().back() == "finish");
}

TEST_CASE("a sidecar that is being started again when its pod ends may begin until the end of the grace period") {
  FakePod pod(test::pod({container("log", ContainerKind::sidecar), container("a")}));
  pod.begin();
  pod.starts_by_hand = true;
  pod.exit("log", 1);
  REQUIRE(pod.record("log").phase == ContainerPhase::starting);
  pod.clear();
  pod.tell(StopRequested{30s});
  CHECK(pod.words() == Words{"stop a"});
  pod.exit("a");
  SECTION("it begins, and is stopped in its turn") {
    pod.wait(20s);
    pod.tell(Started{0});
    pod.wait(1s);
    CHECK(pod.words() == Words{"stop a", "stop log"});
  }
  SECTION("it does not begin") {
    pod.wait(29s);
    CHECK(pod.words() == Words{"stop a"});
    pod.wait(1s);
    CHECK(pod.words() == Words{"stop a", "kill log"});
    pod.tell(stopped_start(0));
    CHECK(pod.words().back() == "finish");
  }
  SECTION("gracePeriodSeconds=0 waits for nobody") {
    pod.tell(StopRequested{0s});
    CHECK(pod.words() == Words{"stop a", "kill log"});
  }
}

TEST_CASE("a program that has not begun after two minutes is given up, says so, and is tried again later") {
  FakePod pod(test::pod({container("a", ContainerKind::main, RestartPolicy::never)}, RestartPolicy::never));
  pod.starts_by_hand = true;
  pod.begin();
  pod.wait(120s - 1ms);
  CHECK(pod.words() == Words{"start a 0"});
  pod.wait(1ms);
  CHECK(pod.words() == Words{"start a 0", "kill a"});
  pod.wait(10s);  // whoever cannot die yet
  pod.tell(stopped_start(0));
  CHECK(pod.record("a").waiting_reason == "CreateContainerError");
  CHECK(pod.record("a").waiting_message.find("two minutes") != std::string::npos);
  CHECK(pod.reported("Failed"));
  pod.wait(10s);
  CHECK(pod.words() == Words{"start a 0", "kill a", "start a 0"});
  pod.tell(Started{0});
  CHECK(pod.running("a"));
}
