#include <catch2/catch.hpp>

#include "tests/unit/supervise/fake_pod.hpp"

using namespace tandem;
using namespace tandem::supervise;
using namespace tandem::supervise::test;

namespace {
plan::Plan helped() {
  return test::pod({container("log", ContainerKind::sidecar), container("proxy", ContainerKind::sidecar),
                    container("a"), container("b")});
}

void put_log_into_backoff(FakePod& pod) {
  pod.begin();
  pod.wait(1s);
  pod.die("log", 9);  // the first restart is at once
  pod.wait(1s);
  pod.die("log", 9);
  REQUIRE_FALSE(pod.running("log"));
  pod.wait(3s);
}
}  // namespace

TEST_CASE("main containers stop first and together, then sidecars in reverse order") {
  FakePod pod(helped());
  pod.begin();
  pod.clear();
  pod.tell(StopRequested{30s});
  CHECK(pod.words() == Words{"stop a", "stop b"});
  pod.exit("a");
  CHECK(pod.words() == Words{"stop a", "stop b"});
  pod.exit("b");
  CHECK(pod.words() == Words{"stop a", "stop b", "stop proxy"});
  pod.exit("proxy");
  CHECK(pod.words() == Words{"stop a", "stop b", "stop proxy", "stop log"});
  pod.exit("log");
  CHECK(pod.words() == Words{"stop a", "stop b", "stop proxy", "stop log", "finish"});
}

TEST_CASE("after the grace period main containers are killed and sidecars still get two seconds") {
  FakePod pod(helped());
  pod.begin();
  pod.clear();
  pod.tell(StopRequested{10s});
  pod.wait(10s);
  CHECK(pod.words() == Words{"stop a", "stop b", "stop log", "stop proxy", "kill a", "kill b"});
  pod.wait(1999ms);
  CHECK_FALSE(pod.said("kill log"));
  pod.wait(1ms);
  CHECK(pod.said("kill log"));
  CHECK(pod.said("kill proxy"));
}

TEST_CASE("sidecars share what is left of the grace period") {
  FakePod pod(helped());
  pod.begin();
  pod.tell(StopRequested{10s});
  pod.wait(7s);
  pod.exit("a");
  pod.exit("b");
  pod.clear();
  pod.wait(3s);
  CHECK(pod.words() == Words{"stop log", "kill proxy"});
}

TEST_CASE("preStop hooks run first, within the grace period") {
  auto p = helped();
  p.containers[0].pre_stop = {"flush"};
  p.containers[2].pre_stop = {"drain"};
  FakePod pod(p);
  pod.begin();
  pod.clear();
  pod.tell(StopRequested{10s});
  CHECK(pod.words() == Words{"hook log preStop", "hook a preStop", "stop b"});
  pod.wait(3s);
  pod.tell(HookDone{2, 0, HookType::pre_stop, true, ""});
  CHECK(pod.words().back() == "stop a");
  pod.wait(7s);
  CHECK(pod.said("kill a"));
  CHECK(pod.said("kill b"));
}

TEST_CASE("a preStop hook that eats the whole grace period leaves two seconds for the stop signal") {
  auto p = test::pod({container("web")});
  p.containers[0].pre_stop = {"sleep", "1000"};
  FakePod pod(p);
  pod.begin();
  pod.clear();
  pod.tell(StopRequested{10s});
  pod.wait(10s);
  CHECK(pod.words() == Words{"hook web preStop", "stop web"});
  pod.wait(2s);
  CHECK(pod.words() == Words{"hook web preStop", "stop web", "kill web"});
}

TEST_CASE("a grace period of zero kills everything at once") {
  FakePod pod(helped());
  pod.begin();
  pod.clear();
  pod.tell(StopRequested{0s});
  CHECK(pod.words() == Words{"kill log", "kill proxy", "kill a", "kill b"});
}

TEST_CASE("a second request can only shorten the grace period") {
  FakePod pod(test::pod({container("web")}));
  pod.begin();
  pod.tell(StopRequested{30s});
  pod.wait(1s);
  pod.tell(StopRequested{5s});
  pod.tell(StopRequested{100s});
  pod.clear();
  pod.wait(5s);
  CHECK(pod.words() == Words{"kill web"});
}

TEST_CASE("nothing is started any more once the pod stops") {
  FakePod pod(test::pod({container("web"), container("crash")}));
  pod.begin();
  pod.exit("crash", 1);
  pod.exit("crash", 1);  // backing off now
  pod.tell(StopRequested{30s});
  pod.clear();
  pod.wait(20s);
  CHECK(pod.words().empty());
  pod.exit("web", 0);
  CHECK(pod.words() == Words{"finish"});
}

TEST_CASE("a sidecar in back-off is started once more at the end, and stopped when its turn comes") {
  FakePod pod(helped());
  put_log_into_backoff(pod);
  pod.starts_by_hand = true;
  pod.clear();
  pod.tell(StopRequested{30s});
  CHECK(pod.words() == Words{"start log 2", "stop a", "stop b"});
  pod.wait(100ms);
  pod.tell(Started{pod.index("log")});
  pod.exit("a");
  pod.exit("b");
  pod.exit("proxy");
  CHECK_FALSE(pod.said("stop log"));  // it has hardly begun
  pod.wait(1s);
  CHECK(pod.words().back() == "stop log");
  pod.exit("log");
  CHECK(pod.words().back() == "finish");
}

TEST_CASE("a sidecar that was called back and dies again stays down, and the pod ends") {
  FakePod pod(helped());
  put_log_into_backoff(pod);
  pod.starts_by_hand = true;
  pod.tell(StopRequested{30s});
  pod.wait(100ms);
  pod.tell(Started{pod.index("log")});
  pod.die("log", 9);
  pod.clear();
  pod.exit("a");
  pod.exit("b");
  pod.exit("proxy");
  CHECK(pod.words() == Words{"stop proxy", "finish"});
}

TEST_CASE("gracePeriodSeconds=0 calls nobody back") {
  FakePod pod(helped());
  put_log_into_backoff(pod);
  pod.clear();
  pod.tell(StopRequested{0s});
  CHECK(pod.words() == Words{"kill proxy", "kill a", "kill b"});
}

TEST_CASE("a pod that is stopped before its sandbox exists ends at once") {
  FakePod pod(test::pod({container("web")}));
  pod.tell(TimePassed{});
  pod.tell(SandboxFailed{"no"});
  pod.tell(StopRequested{30s});
  CHECK(pod.words() == Words{"finish"});
}

TEST_CASE("a new supervisor goes on with a stop that was under way") {
  FakePod before(helped());
  before.begin();
  before.tell(StopRequested{10s});
  FakePod after(before.plan, before.machine->state());
  after.now = before.now + 4s;
  after.tell({Started{0}, Started{1}, Started{2}, Exited{3, 0, {}, false, false, ""}});
  CHECK(after.words() == Words{"stop a"});
  after.wait(6s);
  CHECK(after.said("kill a"));
}
