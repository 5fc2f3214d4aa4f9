// What a status tells, against the records that it was rendered from.
#include <catch2/catch.hpp>

#include "pods/supervise/pod_status.hpp"
#include "pods/supervise/restart_policy.hpp"
#include "pods/supervise/restored_state.hpp"
#include "tests/unit/supervise/fake_pod.hpp"

using namespace tandem;
using namespace tandem::supervise;
using namespace tandem::supervise::test;
using plan::ContainerKind;
using plan::RestartPolicy;
using state::ContainerPhase;

namespace {

std::string status_of(const FakePod& pod) { return PodStatus(pod.plan).render(pod.machine->state()); }

}  // namespace

TEST_CASE("a running pod's records are told by its status, but for what no status holds") {
  FakePod pod(supervise::test::pod({container("log", ContainerKind::sidecar), container("web")}));
  pod.begin();
  pod.exit("web", 1);
  const std::string status = status_of(pod);
  const auto& state = pod.machine->state();
  const state::PodRecord restored = pod_record_from(status);
  CHECK(restored.sandbox_ready);
  CHECK(restored.initialized);
  CHECK_FALSE(restored.finished);
  CHECK(restored.stop_cause == state::StopCause::none);
  CHECK(restored.start_time == std::chrono::floor<std::chrono::seconds>(state.pod.start_time));
  for (std::size_t i = 0; i < state.containers.size(); ++i) {
    const state::ContainerRecord record = container_record_from(status, pod.plan.containers[i].name);
    CHECK(record.phase == state.containers[i].phase);
    CHECK(record.attempt == state.containers[i].attempt);
    CHECK(record.started == state.containers[i].started);
    CHECK(record.ever_started == state.containers[i].ever_started);
    CHECK(record.ready == state.containers[i].ready);
    CHECK(record.last.has_value() == state.containers[i].last.has_value());
  }
  CHECK(container_record_from(status, "web").last->status.code == 1);
}

TEST_CASE("a container in back-off is one that has ended") {
  FakePod pod(supervise::test::pod({container("web")}));
  pod.begin();
  pod.exit("web", 1);
  pod.exit("web", 7);
  const auto record = container_record_from(status_of(pod), "web");
  CHECK(record.phase == ContainerPhase::exited);
  REQUIRE(record.current.has_value());
  CHECK(record.current->status.code == 7);
  CHECK(record.attempt == 1);
}

TEST_CASE("a pod that ends, or has ended, is not brought back to life") {
  FakePod pod(supervise::test::pod({container("job")}, RestartPolicy::never));
  pod.begin();
  pod.tell(StopRequested{std::chrono::seconds(30)});
  state::PodRecord restored = pod_record_from(status_of(pod));
  CHECK(restored.stop_cause == state::StopCause::requested);
  CHECK(restored.stop_deadline - restored.stop_since == std::chrono::seconds(30));
  pod.exit("job", 0);
  restored = pod_record_from(status_of(pod));
  CHECK(restored.finished);
  CHECK_FALSE(restored.cleaned);
  CHECK(succeeded(container_record_from(status_of(pod), "job")));
}

TEST_CASE("a status that is damaged, too, tells of a pod that has not begun") {
  for (const char* text : {"", "{", "[1]", "{}", R"({"status":7})", R"({"status":{"containerStatuses":{"web":1}}})",
                           R"({"status":{"containerStatuses":[{"name":"web","state":[]}],"conditions":[1]}})"}) {
    CAPTURE(text);
    CHECK(pod_record_from(text) == state::PodRecord{});
    CHECK(container_record_from(text, "web") == state::ContainerRecord{});
  }
}
