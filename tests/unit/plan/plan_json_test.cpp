#include "pods/plan/plan_json.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/plan/etc_files.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::plan;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

// Every member differs from its default.
Plan full_plan() {
  Plan p;
  p.uid = "0b4c1f2e-0000-4000-8000-000000000001";
  p.id = "0b4c1f2e0000";
  p.name = "guestbook", p.name_space = "shop", p.hostname = "host-a", p.subdomain = "sub", p.node_name = "machine";
  p.pod_json = R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"guestbook"}})";
  p.network = {NetworkMode::host, "tandem0",   "10.83.0.7",     16,         "10.83.0.1",
               "tdm0b4c1f2e",     {"9.9.9.9"}, "169.254.20.10", "192.0.2.4"};
  p.dns = {{"169.254.20.10"}, {"shop.svc.cluster.local"}, {"ndots:5"}};
  p.host_ports = {{"127.0.0.1", 8080, 80, "UDP"}};
  p.host_aliases = {{"10.0.0.9", {"db", "db.local"}}};
  p.host_ipc = p.host_pid = p.share_process_namespace = true;
  Volume volume{"keys", VolumeKind::files, "/srv/x", "Directory", Bytes{4096}, 0700, {}, true};
  volume.files = {{"tls.key", std::string("\0\xff\x80key", 6), 0400}};
  p.volumes = {volume, {"scratch", VolumeKind::memory, "", "", std::nullopt, 0777, {}, false}};
  Container c;
  c.name = "web", c.kind = ContainerKind::sidecar, c.restart = RestartPolicy::on_failure;
  c.image = "localhost/web:1", c.image_id = "sha256:aa", c.layers = {"/layers/1", "/layers/2"};
  c.argv = {"/bin/web", "--port=80", ""};
  c.environment = {{"A", "1", false}, {"PASSWORD", "hunter2", true}};
  c.working_directory = "/srv";
  c.identity = {1000, 1001, {1002, 4294967295}};
  c.security = {{"CAP_KILL"}, false, true, true, false, {"/proc/kcore"}, {"/proc/sys"}};
  c.resources = {Millicores{250}, Millicores{500}, Bytes{1 << 20}, Bytes{1LL << 40}, 100, -997};
  c.mounts = {{MountKind::file, "hosts", "a/b", "/etc/hosts", true}};
  Probe probe;
  probe.kind = ProbeKind::http, probe.command = {"true"}, probe.host = "127.0.0.1", probe.port = 8080,
  probe.path = "/x";
  probe.headers = {{"Host", "a"}, {"X", ""}};
  probe.initial_delay = 3s, probe.period = 4s, probe.timeout = 5s, probe.success_threshold = 6,
  probe.failure_threshold = 7;
  probe.termination_grace_period = 8s;
  c.startup = c.readiness = c.liveness = probe;
  c.readiness->kind = ProbeKind::tcp;
  c.stop_signal = "SIGQUIT", c.pre_stop = {"a"}, c.post_start = {"b"}, c.termination_message_path = "/m",
  c.unknown = {"argv"}, c.termination_message_policy = TerminationMessagePolicy::fallback_to_logs_on_error,
  c.terminal = true;
  p.containers = {c, Container{}};
  p.restart_policy = RestartPolicy::never;
  p.termination_grace_period = 31s, p.active_deadline = 90s;
  p.cgroup_parent = "tandem-abc", p.fs_group = 2000, p.sysctls = {{"net.core.somaxconn", "1024"}};
  return p;
}

}  // namespace

TEST_CASE("a Plan survives the way through JSON text unchanged") {
  const Plan plan = full_plan();
  CHECK(read_plan(write_plan(plan)) == plan);
  CHECK(read_plan(write_plan(Plan{})) == Plan{});
}

TEST_CASE("the Plan's JSON has its own words for choices and base64 for files") {
  const auto json = to_json(full_plan());
  CHECK(json["network"]["mode"] == "host");
  CHECK(json["containers"][0]["kind"] == "sidecar");
  CHECK(json["volumes"][0]["files"][0]["content"] == "AP+Aa2V5");
  CHECK(json["pod"]["kind"] == "Pod");
  CHECK_FALSE(json["volumes"][1].contains("sizeLimit"));
}

TEST_CASE("a Plan of another version keeps defaults for what is missing and skips what is new") {
  const Plan plan = read_plan(R"({"uid": "u", "later": [1], "containers": [{"name": "a", "later": {}}]})");
  CHECK(plan.uid == "u");
  CHECK(plan.termination_grace_period == 30s);
  REQUIRE(plan.containers.size() == 1);
  CHECK(plan.containers[0].stop_signal == "SIGTERM");
}

TEST_CASE("a damaged Plan is refused with the key that is wrong") {
  const std::pair<const char*, const char*> cases[] = {
      {"{", "not JSON"},
      {"[]", "not an object"},
      {R"({"uid": 1})", "uid"},
      {R"({"containers": {}})", "containers"},
      {R"({"containers": [{"kind": "helper"}]})", "containers[0].kind"},
      {R"({"containers": [{"identity": {"uid": -1}}]})", "containers[0].identity.uid"},
      {R"({"containers": [{"identity": {"uid": 4294967296}}]})", "out of range"},
      {R"({"terminationGracePeriod": 18446744073709551615})", "out of range"},
      {R"({"volumes": [{"files": [{"content": "???"}]}]})", "volumes[0].files[0].content"},
      {R"({"sysctls": [["a"]]})", "sysctls[0]"},
  };
  for (const auto& [text, expected] : cases) CHECK_THROWS_WITH(read_plan(text), Contains(expected));
  CHECK_THROWS_AS(read_plan("{"), Error);
}

TEST_CASE("a pod's plan.json that is missing, damaged, or no Plan of this pod is an error that names the file") {
  const test::TemporaryDirectory directory;
  state::Roots roots;
  roots.run = directory / "run";
  const state::PodPaths paths(roots, full_plan().id);
  make_directories(paths.run);
  CHECK_THROWS_WITH(read_pod_plan(paths), Contains(paths.plan().string() + ": it is not there"));
  const std::string whole = write_plan(full_plan());
  Plan other = full_plan();
  other.id = "0123456789ab";
  for (const std::string& text : {std::string(), whole.substr(0, whole.size() / 2), std::string("\xff{]"),
                                  std::string("[1, 2]"), std::string("{}"), write_plan(other)}) {
    CAPTURE(text);
    write_file(paths.plan(), text);
    CHECK_THROWS_WITH(read_pod_plan(paths), Contains(paths.plan().string() + ": it is damaged"));
  }
  write_file(paths.plan(), whole);
  CHECK(read_pod_plan(paths) == full_plan());
}

TEST_CASE("secrets are masked for showing, and nothing else") {
  const Plan plan = full_plan();
  Plan shown = masked(plan);
  CHECK(shown.containers[0].environment[1].value == "***");
  CHECK(shown.volumes[0].files[0].content == "***");
  CHECK(write_plan(shown).find("hunter2") == std::string::npos);
  shown.containers[0].environment[1].value = "hunter2";
  shown.volumes[0].files[0].content = plan.volumes[0].files[0].content;
  CHECK(shown == plan);
}

TEST_CASE("the pod's hosts file names the pod by its address, host name and subdomain") {
  Plan plan = full_plan();
  CHECK_THAT(etc_hosts(plan), Contains("10.83.0.7\thost-a.sub.shop.svc.cluster.local\thost-a\n"));
  CHECK_THAT(etc_hosts(plan), Contains("10.0.0.9\tdb\tdb.local\n"));
  plan.subdomain = "";
  CHECK_THAT(etc_hosts(plan), Contains("10.83.0.7\thost-a\n"));
  plan.network.mode = NetworkMode::none;
  CHECK_THAT(etc_hosts(plan), Contains("127.0.0.1\thost-a\n"));
}

TEST_CASE("resolv.conf has search, nameserver and options lines, and none that is empty") {
  Plan plan;
  CHECK(etc_resolv_conf(plan).empty());
  plan.dns = {{"169.254.20.10", "9.9.9.9"}, {"a.svc.cluster.local", "cluster.local"}, {"ndots:5", "edns0"}};
  CHECK(etc_resolv_conf(plan) ==
        "search a.svc.cluster.local cluster.local\nnameserver 169.254.20.10\nnameserver 9.9.9.9\noptions ndots:5 "
        "edns0\n");
}
