#include <catch2/catch.hpp>

#include "tests/unit/supervise/fake_pod.hpp"

using namespace tandem;
using namespace tandem::supervise;
using namespace tandem::supervise::test;

TEST_CASE("the startup probe gates the others, which run at once when it has passed") {
  auto web = container("web");
  web.startup = probe(1s, 3);
  web.readiness = probe(10s, 3);
  web.liveness = probe(10s, 3);
  FakePod pod(test::pod({web}));
  pod.begin();
  pod.wait(5s);
  CHECK(pod.words() == Words{"start web 0", "probe web startup"});
  pod.probe_done("web", ProbeType::startup, true);
  CHECK(pod.words() == Words{"start web 0", "probe web startup", "probe web readiness", "probe web liveness"});
  CHECK_FALSE(pod.record("web").ready);
  pod.probe_done("web", ProbeType::readiness, true);
  CHECK(pod.record("web").ready);
  CHECK(pod.machine->state().pod.ready);
}

TEST_CASE("a startup probe that fails too often kills the container with grace and restarts it") {
  auto web = container("web");
  web.startup = probe(1s, 2);
  FakePod pod(test::pod({web}));
  pod.begin();
  pod.probe_done("web", ProbeType::startup, false);
  CHECK_FALSE(pod.said("stop web"));
  pod.wait(1s);
  pod.probe_done("web", ProbeType::startup, false);
  CHECK(pod.said("stop web"));
  CHECK(pod.reports.back().message == "Container web failed startup probe, will be restarted");
  pod.exit("web", 0);
  CHECK(pod.said("start web 1"));
}

TEST_CASE("a liveness probe that fails kills: stop signal, the grace period, SIGKILL, restart") {
  auto web = container("web");
  web.liveness = probe(10s, 1);
  FakePod pod(test::pod({web}));
  pod.begin();
  pod.clear();
  pod.probe_done("web", ProbeType::liveness, false);
  CHECK(pod.words() == Words{"stop web"});
  CHECK(pod.reported("Unhealthy"));
  pod.wait(29999ms);
  CHECK(pod.words() == Words{"stop web"});
  pod.wait(1ms);
  CHECK(pod.words() == Words{"stop web", "kill web"});
  pod.die("web", 9);
  CHECK(pod.words() == Words{"stop web", "kill web", "start web 1", "probe web liveness"});
}

TEST_CASE("a probe's own grace period goes before the pod's") {
  auto web = container("web");
  web.liveness = probe(10s, 1);
  web.liveness->termination_grace_period = 5s;
  FakePod pod(test::pod({web}));
  pod.begin();
  pod.probe_done("web", ProbeType::liveness, false);
  pod.wait(5s);
  CHECK(pod.said("kill web"));
}

TEST_CASE("readiness comes and goes without any restart") {
  auto web = container("web");
  web.readiness = probe(1s, 2);
  FakePod pod(test::pod({web}));
  pod.begin();
  pod.probe_done("web", ProbeType::readiness, true);
  CHECK(pod.machine->state().pod.ready);
  const Time ready_since = pod.machine->state().pod.ready_changed_at;
  pod.wait(1s);
  pod.probe_done("web", ProbeType::readiness, false);
  CHECK(pod.machine->state().pod.ready);
  CHECK(pod.machine->state().pod.ready_changed_at == ready_since);
  pod.wait(1s);
  pod.probe_done("web", ProbeType::readiness, false);
  CHECK_FALSE(pod.machine->state().pod.ready);
  CHECK(pod.machine->state().pod.ready_changed_at == pod.now);
  CHECK(pod.running("web"));
}

TEST_CASE("a container that restarts is not ready until its probe says so again") {
  auto web = container("web");
  web.readiness = probe(1s, 1);
  FakePod pod(test::pod({web}));
  pod.begin();
  pod.probe_done("web", ProbeType::readiness, true);
  pod.exit("web", 1);
  CHECK(pod.running("web"));
  CHECK_FALSE(pod.record("web").ready);
}

TEST_CASE("a result of an earlier attempt is not believed") {
  auto web = container("web");
  web.liveness = probe(1s, 1);
  FakePod pod(test::pod({web}));
  pod.begin();
  pod.exit("web", 1);
  pod.clear();
  pod.tell(ProbeDone{0, 0, ProbeType::liveness, false, "old"});
  CHECK(pod.words().empty());
}

TEST_CASE("readiness is probed while the pod stops, liveness is not") {
  auto web = container("web");
  web.readiness = probe(1s, 1);
  web.liveness = probe(1s, 1);
  FakePod pod(test::pod({web}));
  pod.begin();
  pod.probe_done("web", ProbeType::readiness, true);
  pod.probe_done("web", ProbeType::liveness, true);
  pod.tell(StopRequested{30s});
  pod.clear();
  pod.wait(1s);
  CHECK(pod.words() == Words{"probe web readiness"});
}
