#include "pods/plan/plan_pod.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "pods/plan/plan_json.hpp"
#include "pods/plan/print_plan.hpp"
#include "tests/golden/golden.hpp"
#include "tests/unit/plan/fake_host.hpp"

using namespace tandem;
using namespace tandem::plan;
using Catch::Matchers::Contains;

namespace {

struct Planned {
  std::optional<Plan> plan;
  std::string problems;
};

Planned plan_text(const std::string& text, const std::function<void(Host&)>& change = nullptr) {
  Problems problems;
  const manifest::Objects objects = manifest::decode_manifests({{"input.yaml", text}}, {}, problems);
  INFO(problems.text());
  REQUIRE_FALSE(problems.has_errors());
  REQUIRE_FALSE(objects.pods.empty());
  Host host = test::fake_host(objects);
  if (change) change(host);
  Planned out;
  out.plan = plan_pod(objects.pods[0], host, problems);
  out.problems = problems.text();
  return out;
}

Plan plan_spec(const std::string& spec, const std::function<void(Host&)>& change = nullptr) {
  const Planned planned = plan_text("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {" + spec + "}\n", change);
  INFO(planned.problems);
  REQUIRE(planned.plan);
  return *planned.plan;
}

Container plan_container(const std::string& container) {
  return plan_spec("containers: [{name: c, image: i, " + container + "}]").containers.at(0);
}

std::string problems_of(const std::string& spec) {
  const Planned planned = plan_text("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {" + spec + "}\n");
  CHECK_FALSE(planned.plan);
  return planned.problems;
}

const EnvironmentEntry* find(const Container& container, const std::string& name) {
  for (const auto& entry : container.environment) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

std::string value_of(const Container& container, const std::string& name) {
  const auto* entry = find(container, name);
  return entry ? entry->value : "(none)";
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("plans are printed as their golden folders say") {
  test::check_golden("plan", [](const std::string& input) {
    Problems problems;
    const manifest::Objects objects = manifest::decode_manifests({{"input.yaml", input}}, {}, problems);
    std::string text;
    for (const manifest::Pod& pod : objects.pods) {
      const auto plan = plan_pod(pod, test::fake_host(objects), problems);
      if (plan) text += print_plan(*plan);
      // What is printed is all there is: the Plan itself survives its way to the supervisor.
      if (plan) CHECK(read_plan(write_plan(*plan)) == *plan);
    }
    return problems.text() + text;
  });
}

TEST_CASE("command and args stand over the image's entrypoint and command as in Kubernetes") {
  CHECK(plan_container("tty: false").argv == Words{"/usr/bin/entry", "--default"});
  CHECK(plan_container("args: [--own]").argv == Words{"/usr/bin/entry", "--own"});
  CHECK(plan_container("command: [/bin/own]").argv == Words{"/bin/own"});
  CHECK(plan_container("command: [/bin/own], args: [x, '']").argv == Words{"/bin/own", "x", ""});
}

TEST_CASE("$(VAR) in commands is the pod's own variables, not the image's") {
  const Container c = plan_container("command: [a, '$(A)$(FROM_IMAGE)', '$$(A)', '$(B'], env: [{name: A, value: one}]");
  CHECK(c.argv == Words{"a", "one$(FROM_IMAGE)", "$(A)", "$(B"});
}

TEST_CASE("variables refer to earlier ones only; the last of a name wins") {
  const Container c = plan_container(
      "env: [{name: A, value: '$(B)'}, {name: B, value: b}, {name: C, value: '$(B)-$(A)'}, {name: B, value: "
      "'b2$(B)'}]");
  CHECK(value_of(c, "A") == "$(B)");
  CHECK(value_of(c, "C") == "b-$(B)");
  CHECK(value_of(c, "B") == "b2b");
}

TEST_CASE("the environment is the image's, then the host name, then the pod's; PATH and HOME have defaults") {
  const Container c = plan_container("env: [{name: LANG, value: de}]");
  CHECK(value_of(c, "PATH") == "/opt/bin:/usr/bin");
  CHECK(value_of(c, "LANG") == "de");
  CHECK(value_of(c, "FROM_IMAGE") == "1");
  CHECK(value_of(c, "HOSTNAME") == "a");
  CHECK(value_of(c, "HOME") == "/home/app");
  const Container bare = plan_spec("containers: [{name: c, image: bare, command: [x]}]").containers.at(0);
  CHECK(value_of(bare, "PATH") == "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  CHECK(bare.working_directory == "/");
  CHECK(bare.stop_signal == "SIGTERM");
}

TEST_CASE("the downward API knows the pod, its node and its resources") {
  const Planned planned = plan_text(
      "apiVersion: v1\nkind: Pod\n"
      "metadata: {name: a, namespace: shop, labels: {z: 'y', app: web}, annotations: {note: 'x\"y'}}\n"
      "spec:\n  containers:\n  - name: c\n    image: i\n"
      "    resources: {limits: {cpu: 1500m, memory: 100Mi}, requests: {memory: 1}}\n    env:\n"
      "    - {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}\n"
      "    - {name: SPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}\n"
      "    - {name: UID, valueFrom: {fieldRef: {fieldPath: metadata.uid}}}\n"
      "    - {name: APP, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['app']\"}}}\n"
      "    - {name: NONE, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['none']\"}}}\n"
      "    - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}\n"
      "    - {name: HOST, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}\n"
      "    - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}\n"
      "    - {name: ACCOUNT, valueFrom: {fieldRef: {fieldPath: spec.serviceAccountName}}}\n"
      "    - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}\n"
      "    - {name: CPU_M, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1m}}}\n"
      "    - {name: MEMORY, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}\n"
      "    - {name: REQUEST, valueFrom: {resourceFieldRef: {resource: requests.memory}}}\n"
      "    - {name: OTHER, valueFrom: {resourceFieldRef: {containerName: d, resource: limits.cpu}}}\n"
      "  - {name: d, image: i}\n"
      "  volumes:\n  - name: info\n    downwardAPI:\n      items:\n"
      "      - {path: labels, fieldRef: {fieldPath: metadata.labels}}\n"
      "      - {path: notes, fieldRef: {fieldPath: metadata.annotations}}\n");
  REQUIRE(planned.plan);
  const Container& c = planned.plan->containers.at(0);
  CHECK(value_of(c, "NAME") == "a");
  CHECK(value_of(c, "SPACE") == "shop");
  CHECK(value_of(c, "UID") == "0b4c1f2e-89ab-4000-8000-000000000001");
  CHECK(value_of(c, "APP") == "web");
  CHECK(value_of(c, "NONE") == "");
  CHECK(value_of(c, "IP") == "10.83.0.7");
  CHECK(value_of(c, "HOST") == "192.0.2.4");
  CHECK(value_of(c, "NODE") == "machine");
  CHECK(value_of(c, "ACCOUNT") == "default");
  CHECK(value_of(c, "CPU") == "2");
  CHECK(value_of(c, "CPU_M") == "1500");
  CHECK(value_of(c, "MEMORY") == "100");
  CHECK(value_of(c, "REQUEST") == "1");
  CHECK(value_of(c, "OTHER") == "4");
  CHECK(planned.plan->volumes.at(0).files.at(0).content == "app=\"web\"\nz=\"y\"");
  CHECK(planned.plan->volumes.at(0).files.at(1).content == "note=\"x\\\"y\"");
}

TEST_CASE("the id is the first 12 hex digits of the uid, and fits an interface's name") {
  CHECK(short_id("0b4c1f2e-89ab-4000-8000-000000000001") == "0b4c1f2e89ab");
  const Plan plan = plan_spec("containers: [{name: c, image: i}]");
  CHECK(plan.id == "0b4c1f2e89ab");
  CHECK(plan.network.interface_host.size() <= 15);
}

TEST_CASE("capabilities: the runtimes' default, with ALL and single names added and dropped") {
  const auto kept = [](const std::string& text) {
    return plan_container("securityContext: {capabilities: {" + text + "}}").security.capabilities;
  };
  CHECK(kept("").size() == 12);
  CHECK(kept("drop: [ALL]").empty());
  CHECK(kept("drop: [ALL], add: [NET_BIND_SERVICE]") == Words{"CAP_NET_BIND_SERVICE"});
  CHECK(kept("add: [ALL]").size() == 41);
  CHECK(kept("add: [ALL], drop: [SYS_ADMIN]").size() == 40);
  CHECK(kept("add: [NET_ADMIN]").size() == 13);
  CHECK(kept("add: [KILL], drop: [KILL]").size() == 11);
}

TEST_CASE("privileged: every capability, nothing masked, every system call") {
  const Security security = plan_container("securityContext: {privileged: true}").security;
  CHECK(security.privileged);
  CHECK(security.capabilities.size() == 41);
  CHECK(security.masked_paths.empty());
  CHECK_FALSE(security.default_seccomp);
  CHECK_FALSE(security.no_new_privileges);
}

TEST_CASE("no new privileges and system calls follow the manifest; the container's profile wins over the pod's") {
  CHECK(plan_container("securityContext: {allowPrivilegeEscalation: false}").security.no_new_privileges);
  CHECK(plan_container("tty: false").security.no_new_privileges);
  CHECK_FALSE(plan_container("securityContext: {allowPrivilegeEscalation: true}").security.no_new_privileges);
  CHECK(plan_container("tty: false").security.default_seccomp);
  const Plan plan = plan_spec(
      "securityContext: {seccompProfile: {type: Unconfined}}, containers: [{name: a, image: i}, {name: b, image: i, "
      "securityContext: {seccompProfile: {type: RuntimeDefault}}}]");
  CHECK_FALSE(plan.containers.at(0).security.default_seccomp);
  CHECK(plan.containers.at(1).security.default_seccomp);
}

TEST_CASE("users come from the image, the pod and the container, in rising order; groups add up") {
  CHECK(plan_container("tty: false").identity == Identity{1000, 1001, {1002}});
  const Plan plan = plan_spec(
      "securityContext: {runAsUser: 5, runAsGroup: 6, fsGroup: 7, supplementalGroups: [8, 7]}, "
      "containers: [{name: a, image: i}, {name: b, image: i, securityContext: {runAsUser: 9}}]");
  CHECK(plan.containers.at(0).identity == Identity{5, 6, {8, 7}});
  CHECK(plan.containers.at(1).identity.uid == 9);
  CHECK(plan.fs_group == 7u);
  CHECK(plan_container("securityContext: {runAsGroup: 77}").identity.gid == 77);
}

TEST_CASE("runAsNonRoot refuses root, and names that could be root") {
  CHECK_THAT(problems_of("containers: [{name: c, image: bare, command: [x], securityContext: {runAsNonRoot: true}}]"),
             Contains("spec.containers[0].image: runs as root, which runAsNonRoot forbids"));
  CHECK_THAT(problems_of("containers: [{name: c, image: i, securityContext: {runAsNonRoot: true}}]"),
             Contains("set securityContext.runAsUser: 1000"));
  CHECK(plan_container("securityContext: {runAsNonRoot: true, runAsUser: 1000}").identity.uid == 1000);
}

TEST_CASE("oom score adjustment is kubelet's: by quality of service, and by the share of memory requested") {
  const auto score = [](const std::string& resources) {
    return plan_container("resources: {" + resources + "}").resources.oom_score_adj;
  };
  CHECK(score("") == 1000);
  CHECK(score("limits: {cpu: 1, memory: 1Gi}") == -997);
  CHECK(score("requests: {memory: 2Gi}") == 750);
  CHECK(score("requests: {memory: 8Gi}") == 3);
  CHECK(score("requests: {cpu: 100m}") == 999);
  const Plan plan = plan_spec(
      "initContainers: [{name: s, image: i, restartPolicy: Always}], "
      "containers: [{name: c, image: i, resources: {requests: {memory: 2Gi}}}]");
  CHECK(plan.containers.at(0).resources.oom_score_adj == 750);
}

TEST_CASE("restart: sidecars always, init containers on failure, unless the pod says never") {
  const std::string containers =
      "initContainers: [{name: i, image: i}, {name: s, image: i, restartPolicy: Always}], "
      "containers: [{name: m, image: i}]";
  const auto policies = [&](const std::string& policy) {
    const Plan plan = plan_spec("restartPolicy: " + policy + ", " + containers);
    return std::vector{plan.containers.at(0).restart, plan.containers.at(1).restart, plan.containers.at(2).restart};
  };
  using R = RestartPolicy;
  CHECK(policies("Always") == std::vector{R::on_failure, R::always, R::always});
  CHECK(policies("OnFailure") == std::vector{R::on_failure, R::always, R::on_failure});
  CHECK(policies("Never") == std::vector{R::never, R::always, R::never});
}

TEST_CASE("mounts: parents first, /etc files unless the container has its own, files always read-only") {
  const Plan plan = plan_spec(
      "containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /data/deep/er}, {name: v, mountPath: "
      "data/}, "
      "{name: v, mountPath: /etc/resolv.conf, subPath: r}]}], volumes: [{name: v, emptyDir: {}}]");
  Words targets;
  for (const Mount& mount : plan.containers.at(0).mounts) targets.push_back(mount.target);
  CHECK(targets == Words{"/data", "/etc/resolv.conf", "/etc/hosts", "/etc/hostname", "/data/deep/er"});
  const Planned files = plan_text(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: x}\n---\napiVersion: v1\nkind: Pod\n"
      "metadata: {name: a}\nspec: {containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /m}]}], "
      "volumes: [{name: v, configMap: {name: m, defaultMode: 0440}}]}\n");
  REQUIRE(files.plan);
  CHECK(files.plan->containers.at(0).mounts.at(0).read_only);
  CHECK(files.plan->volumes.at(0).files.at(0).mode == 0440);
}

TEST_CASE("subPathExpr takes the pod's variables, and must stay inside the volume") {
  const std::string rest =
      "], volumeMounts: [{name: v, mountPath: /v, subPathExpr: 'logs/$(A)'}]}], "
      "volumes: [{name: v, emptyDir: {}}]";
  const Plan plan = plan_spec("containers: [{name: c, image: i, env: [{name: A, value: x}" + rest);
  CHECK(plan.containers.at(0).mounts.back().target == "/etc/resolv.conf");
  CHECK(plan.containers.at(0).mounts.front().sub_path == "logs/x");
  CHECK_THAT(problems_of("containers: [{name: c, image: i, env: [" + rest), Contains("there is no variable \"A\""));
  CHECK_THAT(problems_of("containers: [{name: c, image: i, env: [{name: A, value: ../..}" + rest),
             Contains("must be relative and without '..'"));
}

TEST_CASE("dns: the pod's own server and the cluster's search list, or the host's, or what the pod says") {
  const std::string c = ", containers: [{name: c, image: i}]";
  const Dns cluster = plan_spec("dnsPolicy: ClusterFirst" + c).dns;
  CHECK(cluster.nameservers == Words{"169.254.20.10"});
  CHECK(cluster.searches == Words{"default.svc.cluster.local", "svc.cluster.local", "cluster.local", "example.org"});
  CHECK(cluster.options == Words{"ndots:5"});
  CHECK(plan_spec("dnsPolicy: Default" + c).dns.nameservers == Words{"192.0.2.53"});
  CHECK(plan_spec("dnsPolicy: Default" + c, [](Host& h) { h.upstream_nameservers = {"127.0.0.53"}; }).dns.nameservers ==
        Words{"169.254.20.10"});
  CHECK(plan_spec("hostNetwork: true" + c).dns.nameservers == Words{"192.0.2.53"});
  const Dns own = plan_spec(
                      "dnsPolicy: None, dnsConfig: {nameservers: [9.9.9.9], searches: [a], options: [{name: ndots, "
                      "value: '2'}, {name: edns0}]}" +
                      c)
                      .dns;
  CHECK(own.nameservers == Words{"9.9.9.9"});
  CHECK(own.searches == Words{"a"});
  CHECK(own.options == Words{"ndots:2", "edns0"});
  const Dns merged = plan_spec("dnsConfig: {options: [{name: ndots, value: '1'}]}" + c).dns;
  CHECK(merged.options == Words{"ndots:1"});
}

TEST_CASE("with hostNetwork the pod has the host's name and address, and publishes no ports") {
  const Plan plan =
      plan_spec("hostNetwork: true, containers: [{name: c, image: i, ports: [{containerPort: 80, hostPort: 80}]}]");
  CHECK(plan.hostname == "machine");
  CHECK(plan.network.mode == NetworkMode::host);
  CHECK(plan.network.address == "192.0.2.4");
  CHECK(plan.network.name_server.empty());
  CHECK(plan.host_ports.empty());
}

TEST_CASE("a long name is cut to what a host name may have") {
  Problems problems;
  const std::string name = std::string(62, 'x') + "-yyy";
  const Planned planned = plan_text("apiVersion: v1\nkind: Pod\nmetadata: {name: " + name +
                                    "}\nspec: {containers: [{name: c, image: i}]}\n");
  REQUIRE(planned.plan);
  CHECK(planned.plan->hostname == std::string(62, 'x'));
}

TEST_CASE("without a bridge the pod has loopback and the host's name servers in its files") {
  const Plan plan = plan_spec("containers: [{name: c, image: i}]", [](Host& host) { host.bridge = ""; });
  CHECK(plan.network.mode == NetworkMode::none);
  CHECK(plan.network.name_server.empty());
}

TEST_CASE("every problem of a plan is told at once, at its place") {
  const std::string text = problems_of(
      "initContainers: [{name: i, image: missing/one}], containers: [{name: c, image: bare}, {name: d, image: '!'}, "
      "{name: e, image: i, env: [{name: A, valueFrom: {configMapKeyRef: {name: m, key: k}}}], envFrom: [{secretRef: "
      "{name: s}}]}], "
      "volumes: [{name: v, secret: {secretName: t}}]");
  CHECK_THAT(
      text,
      Contains("spec.initContainers[0].image: there is no image \"missing/one\" in the store; `tandem image ls`"));
  CHECK_THAT(text, Contains("spec.containers[0]: has no command, and its image \"bare\" has none either"));
  CHECK_THAT(text, Contains("spec.containers[1].image: read image name !: it is no reference"));
  CHECK_THAT(text, Contains("there is no ConfigMap \"m\" in namespace default"));
  CHECK_THAT(text, Contains("there is no Secret \"s\" in namespace default"));
  CHECK_THAT(text, Contains("there is no Secret \"t\" in namespace default"));
  CHECK_THAT(text, Contains("input.yaml:4:"));
}

TEST_CASE("a missing image is an error, and keeps nothing from being planned but what the image says") {
  const Planned planned = plan_text(
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: missing, args: [x], env: "
      "[{name: A, value: b}], securityContext: {runAsUser: 7}}, {name: d, image: i}]}\n");
  CHECK_THAT(planned.problems, Contains("there is no image \"missing\""));
  REQUIRE(planned.plan);
  const Container& c = planned.plan->containers.at(0);
  CHECK(c.unknown ==
        Words{"imageID", "layers", "argv", "environment", "workingDirectory", "identity.gid", "stopSignal"});
  CHECK(c.argv == Words{"x"});
  CHECK(c.identity.uid == 7);
  CHECK(value_of(c, "A") == "b");
  CHECK(value_of(c, "PATH") == "(none)");
  CHECK(planned.plan->containers.at(1).unknown.empty());
  CHECK_FALSE(planned.plan->containers.at(1).layers.empty());
}

TEST_CASE("what else is wrong with a container is told although its image is missing") {
  const std::string text = problems_of(
      "securityContext: {runAsNonRoot: true}, containers: [{name: c, image: missing, lifecycle: {stopSignal: SIGNONE}, "
      "securityContext: {runAsUser: 0}}]");
  CHECK_THAT(text, Contains("there is no image \"missing\""));
  CHECK_THAT(text, Contains("\"SIGNONE\" is no signal"));
  CHECK_THAT(text, Contains("runs as root, which runAsNonRoot forbids"));
}

TEST_CASE("a pod with an error of its own is never planned to be launched") {
  Problems problems;
  const manifest::Objects objects = manifest::decode_manifests(
      {{"input.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: i, comand: [x]}]}\n"}},
      {}, problems);
  REQUIRE(problems.all().size() == 1);
  Problems of_plan;
  CHECK_FALSE(plan_pod(objects.pods.at(0), test::fake_host(objects), of_plan));
  CHECK(of_plan.text() == "");
}

TEST_CASE("optional references to what is not there leave nothing behind") {
  const Container c = plan_container(
      "env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k, optional: true}}}], "
      "envFrom: [{configMapRef: {name: m, optional: true}}]");
  CHECK(find(c, "A") == nullptr);
}

TEST_CASE("values of Secrets are marked wherever they go, and never printed") {
  const Planned planned = plan_text(
      "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: hunter2, bin: \"a\\0b\"}\n---\n"
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: i, command: [x, "
      "'--p=$(P)'], env: ["
      "{name: P, valueFrom: {secretKeyRef: {name: s, key: password}}}, {name: URL, value: 'redis://:$(P)@h'}]}], "
      "volumes: [{name: v, secret: {secretName: s}}]}\n");
  REQUIRE(planned.plan);
  const Container& c = planned.plan->containers.at(0);
  CHECK(value_of(c, "URL") == "redis://:hunter2@h");
  CHECK(find(c, "URL")->secret);
  CHECK(c.argv == Words{"x", "--p=hunter2"});
  CHECK(planned.plan->volumes.at(0).secret);
  CHECK(print_plan(*planned.plan).find("hunter2") == std::string::npos);
  CHECK(write_plan(masked(*planned.plan)).find("hunter2") == std::string::npos);
  CHECK(planned.plan->pod_json.find("hunter2") == std::string::npos);
}

TEST_CASE("the pod in the Plan has the API's defaults filled in") {
  const auto pod = nlohmann::json::parse(plan_spec("containers: [{name: c, image: web, ports: [{containerPort: 1}], "
                                                   "readinessProbe: {httpGet: {port: 1}}}], volumes: [{name: v}]")
                                             .pod_json);
  CHECK(pod["metadata"]["uid"] == "0b4c1f2e-89ab-4000-8000-000000000001");
  CHECK(pod["metadata"]["namespace"] == "default");
  CHECK(pod["spec"]["restartPolicy"] == "Always");
  CHECK(pod["spec"]["nodeName"] == "machine");
  CHECK(pod["spec"]["containers"][0]["imagePullPolicy"] == "Always");
  CHECK(pod["spec"]["containers"][0]["ports"][0]["protocol"] == "TCP");
  CHECK(pod["spec"]["containers"][0]["readinessProbe"]["failureThreshold"] == 3);
  CHECK(pod["spec"]["volumes"][0]["emptyDir"].is_object());
}

TEST_CASE("a container has at most 2048 processes, what the host says, or what an annotation says") {
  const auto limit_of = [](const std::string& annotations, const std::function<void(Host&)>& change = nullptr) {
    const Planned planned = plan_text("apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {" + annotations +
                                          "}}\nspec: {containers: [{name: c, image: i}]}\n",
                                      change);
    return planned.plan ? planned.plan->containers.at(0).resources.pids_limit : std::optional<std::int64_t>(-1);
  };
  CHECK(limit_of("") == 2048);
  CHECK(limit_of("", [](Host& host) { host.pids_limit = 100; }) == 100);
  CHECK(limit_of(R"(tandem/pids-limit: "4096")") == 4096);
  CHECK(limit_of(R"(tandem/pids-limit: "4096", tandem/pids-limit.c: "10")") == 10);
  CHECK(limit_of("tandem/pids-limit: max") == std::nullopt);
  for (const char* wrong : {"0", "-1", "many", "10k", "''", "1e9"}) {
    INFO(wrong);
    CHECK(limit_of("tandem/pids-limit: \"" + std::string(wrong) + "\"") == -1);
  }
}

TEST_CASE(
    "a memory limit with which nothing starts is an error at its place, and one with which little does is a warning") {
  const auto said_of = [](const std::string& limit) {
    return plan_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: c\n    image: i\n" +
        ("    resources: {limits: {memory: \"" + limit) + "\"}}\n");
  };
  for (const char* limit : {"1", "64", "128m", "100Ki", "524287"}) {
    CAPTURE(limit);
    const Planned refused = said_of(limit);
    CHECK_FALSE(refused.plan);
    CHECK_THAT(refused.problems, Contains("input.yaml:8:34: spec.containers[0].resources.limits.memory: ") &&
                                     Contains("less than what any container needs to start; write 512Ki or more"));
  }
  for (const char* limit : {"512Ki", "4M", "6291455"}) {
    CAPTURE(limit);
    const Planned warned = said_of(limit);
    CHECK(warned.plan);
    CHECK_THAT(warned.problems, Contains("warning") && Contains("Docker refuses less than 6Mi"));
  }
  for (const char* limit : {"6Mi", "1Gi", "0"}) {
    CAPTURE(limit);
    const Planned fine = said_of(limit);
    CHECK(fine.plan);
    CHECK(fine.problems == "");
  }
}

TEST_CASE("what begins with tandem/ is an annotation that is known, or an error with its place, once") {
  const auto said_of = [](const std::string& annotations) {
    return plan_text("apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {" + annotations +
                     "}}\nspec: {containers: [{name: cat, image: i}, {name: dog, image: i}]}\n")
        .problems;
  };
  CHECK(said_of(R"(tandem/pids-limit: "5", tandem/pids-limit.dog: max, other.org/pids: "1")") == "");
  const std::string slip = said_of(R"(tandem/pids-limt: "5")");
  CHECK(slip.find(":3:") != std::string::npos);
  CHECK(slip.find("did you mean \"tandem/pids-limit\"?") != std::string::npos);
  CHECK(said_of(R"(tandem/pids-limit.dg: "5")").find("did you mean \"tandem/pids-limit.dog\"?") != std::string::npos);
  CHECK(said_of(R"(tandem/pids-limit.nobody: "5")").find("no container has this name") != std::string::npos);
  const std::string bad = said_of(R"(tandem/pids-limit: many)");
  CHECK(std::count(bad.begin(), bad.end(), '\n') == 1);
}

TEST_CASE("where the kernel lowers no score, a container that Kubernetes puts below its guardians is put above them") {
  const char* const guaranteed = "containers: [{name: c, image: i, resources: {limits: {cpu: 1, memory: 1Gi}}}]";
  CHECK(plan_spec(guaranteed).containers.at(0).resources.oom_score_adj == -997);
  const Resources raised =
      plan_spec(guaranteed, [](Host& host) { host.lowest_oom_score_adj = 1; }).containers.at(0).resources;
  CHECK(raised.oom_score_adj == 1);
  CHECK(raised.oom_score_raised);
  const Resources last =
      plan_spec("containers: [{name: c, image: i}]", [](Host& host) { host.lowest_oom_score_adj = 1; })
          .containers.at(0)
          .resources;
  CHECK(last.oom_score_adj == 1000);
  CHECK_FALSE(last.oom_score_raised);
}

TEST_CASE("a pod pings without raw sockets, which would let it speak with its neighbour's address") {
  const Plan plan = plan_spec("containers: [{name: c, image: i}]");
  const auto& capabilities = plan.containers.at(0).security.capabilities;
  CHECK(std::count(capabilities.begin(), capabilities.end(), "CAP_NET_RAW") == 0);
  using Sysctls = std::vector<std::pair<std::string, std::string>>;
  CHECK(plan.sysctls == Sysctls{{"net.ipv4.ping_group_range", "0 2147483647"}});
  CHECK(plan_spec("hostNetwork: true, containers: [{name: c, image: i}]").sysctls.empty());
}
