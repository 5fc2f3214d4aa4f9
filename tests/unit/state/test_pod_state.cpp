#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/state/pod_state.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::state;
using namespace std::chrono_literals;

namespace {

ContainerRecord full_record() {
  ContainerRecord record;
  record.phase = ContainerPhase::exited;
  record.attempt = 3;
  record.process = {42, 987654321, "b0071d"};
  record.started_at = Time(1'700'000'000'123ms);
  record.ever_started = true;
  record.waiting_reason = "CrashLoopBackOff";
  record.waiting_message = "back-off \"40s\"\n";
  record.current = Termination{ExitStatus{0, 9, true}, "OOMKilled", "\xc3\xa4", Time(1ms), Time(2ms), 3};
  record.last = Termination{ExitStatus{1, 0, false}, "Error", "", Time(3ms), Time(4ms), 2};
  record.backoff_delay = 40s;
  record.backoff_updated = Time(5ms);
  record.kill_deadline = Time(6ms);
  return record;
}

}  // namespace

TEST_CASE("a container's record comes back as it was written") {
  CHECK(parse_container_record(to_json(full_record())) == full_record());
  CHECK(parse_container_record(to_json(ContainerRecord{})) == ContainerRecord{});
}

TEST_CASE("a pod's record comes back as it was written") {
  PodRecord record;
  record.start_time = Time(1'700'000'000'123ms);
  record.sandbox_ready = record.initialized = record.finished = record.ready = true;
  record.stop_cause = StopCause::deadline;
  record.stop_deadline = Time(7ms);
  CHECK(parse_pod_record(to_json(record)) == record);
}

TEST_CASE("records of another version: missing keys keep their default, unknown ones are skipped") {
  CHECK(parse_container_record("{}") == ContainerRecord{});
  CHECK(parse_container_record(R"({"attempt":1,"new":{}})").attempt == 1);
}

TEST_CASE("a damaged record is an error that says what to do") {
  CHECK_THROWS_AS(parse_container_record(""), Error);
  CHECK_THROWS_AS(parse_container_record("{\"attempt\":"), Error);
  CHECK_THROWS_AS(parse_container_record(R"({"attempt":"x"})"), Error);
  CHECK_THROWS_AS(parse_container_record(R"({"phase":"dancing"})"), Error);
  CHECK_THROWS_AS(parse_pod_record("[]"), Error);
}

TEST_CASE("a record on disk that is damaged, or JSON of something else, is an error that names its file") {
  const test::TemporaryDirectory directory;
  Roots roots;
  roots.run = directory / "run";
  const PodPaths paths(roots, "0123456789ab");
  make_directories(paths.container_run("web"));
  for (const char* text : {"", "{\"phase\":", "[1]", "{}", "{\"startTime\":\"x\",\"phase\":7}"}) {
    CAPTURE(text);
    write_file(state_path(paths), text);
    write_file(record_path(paths, "web"), text);
    CHECK_THROWS_WITH(read_pod_record(paths), Catch::Contains(state_path(paths).string() + ": it is damaged"));
    CHECK_THROWS_WITH(read_container_record(paths, "web"),
                      Catch::Contains(record_path(paths, "web").string() + ": it is damaged"));
  }
}

TEST_CASE("last words that are not UTF-8 can be written and read again") {
  ContainerRecord record = full_record();
  record.current->message = "\xff\xfe";
  CHECK_NOTHROW(parse_container_record(to_json(record)));
}

TEST_CASE("files on disk: absent is nothing, written is there, exits are by process") {
  test::TemporaryDirectory directory;
  Roots roots;
  roots.run = directory / "run";
  roots.lib = directory / "lib";
  const PodPaths paths(roots, "0123456789ab");
  CHECK_FALSE(read_pod_record(paths).has_value());
  CHECK_FALSE(read_container_record(paths, "web").has_value());
  make_directories(paths.container_run("web"));
  make_directories(paths.exits());
  write_container_record(paths, "web", full_record());
  CHECK(read_container_record(paths, "web") == full_record());
  write_exit(paths, {77, ExitStatus{5, 0, false}, Time(9ms)});
  REQUIRE(read_exit(paths, 77).has_value());
  CHECK(read_exit(paths, 77)->status.code == 5);
  remove_exit(paths, 77);
  remove_exit(paths, 77);
  CHECK_FALSE(read_exit(paths, 77).has_value());
}

TEST_CASE("times as Kubernetes and CRI write them") {
  CHECK(rfc3339(Time(1'700'000'000'999ms)) == "2023-11-14T22:13:20Z");
  CHECK(rfc3339_nano(std::chrono::system_clock::time_point(1'700'000'000'000'000'042ns)) ==
        "2023-11-14T22:13:20.000000042Z");
}
