#include <catch2/catch.hpp>

#include "pods/manifest/manifest.hpp"

using namespace tandem;
using namespace tandem::manifest;
using Catch::Matchers::Contains;

namespace {

const std::string head = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";

Objects decode(const std::string& text, Options options = {}) {
  Problems problems;
  Objects objects = decode_manifests({{"f.yaml", text}}, options, problems);
  INFO(problems.text());
  REQUIRE_FALSE(problems.has_errors());
  return objects;
}

std::string problems_of(const std::string& text, Options options = {}) {
  Problems problems;
  decode_manifests({{"f.yaml", text}}, options, problems);
  return problems.text();
}

Pod pod(const std::string& spec) {
  Objects objects = decode(head + "spec:\n" + spec);
  REQUIRE(objects.pods.size() == 1);
  return objects.pods[0];
}

}  // namespace

TEST_CASE("the defaults of a Pod are the API's") {
  const Pod a =
      pod("  containers: [{name: c, image: i, ports: [{containerPort: 80}], livenessProbe: {tcpSocket: {port: 80}}}]");
  CHECK(a.metadata.name_space == "default");
  CHECK(a.spec.restart_policy == "Always");
  CHECK(a.spec.dns_policy == "ClusterFirst");
  CHECK(a.spec.termination_grace_period_seconds == 30);
  CHECK(a.spec.service_account_name == "default");
  const Container& c = a.spec.containers.at(0);
  CHECK(c.ports.at(0).protocol == "TCP");
  CHECK(c.termination_message_path == "/dev/termination-log");
  REQUIRE(c.liveness);
  CHECK(c.liveness->period_seconds == 10);
  CHECK(c.liveness->timeout_seconds == 1);
  CHECK(c.liveness->success_threshold == 1);
  CHECK(c.liveness->failure_threshold == 3);
}

TEST_CASE("a volume without a source is an empty directory, as in the API") {
  const Pod a =
      pod("  containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /v}]}]\n  volumes: [{name: v}]");
  CHECK(a.spec.volumes.at(0).kind == Volume::Kind::empty_dir);
  CHECK(a.spec.volumes.at(0).mode == 0777);
}

TEST_CASE("file modes may be octal, as YAML 1.1 has it, or decimal") {
  const Pod a =
      pod("  containers: [{name: c, image: i}]\n"
          "  volumes: [{name: v, secret: {secretName: s, defaultMode: 0400}}, {name: w, configMap: {name: m, "
          "defaultMode: 256}}]");
  CHECK(a.spec.volumes.at(0).default_mode == 0400);
  CHECK(a.spec.volumes.at(1).default_mode == 0400);
}

TEST_CASE("a request that is not written is the limit") {
  const Pod a =
      pod("  containers: [{name: c, image: i, resources: {limits: {cpu: 1.5, memory: 64Mi}, requests: {cpu: 200m}}}]");
  const Container& c = a.spec.containers.at(0);
  CHECK(c.limits.cpu == Millicores{1500});
  CHECK(c.requests.cpu == Millicores{200});
  CHECK(c.requests.memory == Bytes{64 << 20});
}

TEST_CASE("capabilities are read with and without their prefix") {
  const Pod a =
      pod("  containers: [{name: c, image: i, securityContext: {capabilities: {add: [CAP_KILL, NET_ADMIN], drop: "
          "[ALL]}}}]");
  CHECK(a.spec.containers.at(0).security.add == std::vector<std::string>{"CAP_KILL", "CAP_NET_ADMIN"});
  CHECK(a.spec.containers.at(0).security.drop == std::vector<std::string>{"ALL"});
}

TEST_CASE("a probe's named port is the container's") {
  const Pod a =
      pod("  containers: [{name: c, image: i, ports: [{name: web, containerPort: 8080}], readinessProbe: {httpGet: "
          "{port: web}}}]");
  REQUIRE(a.spec.containers.at(0).readiness);
  CHECK(a.spec.containers.at(0).readiness->port == 8080);
  CHECK(a.spec.containers.at(0).readiness->http.path == "/");
}

TEST_CASE("stringData of a Secret wins over data, and both come decoded") {
  const Objects objects =
      decode("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: Zm9v, b: Zm9v}\nstringData: {b: plain}\n");
  const Secret& secret = objects.secrets.at(0);
  CHECK(secret.data == std::map<std::string, std::string>{{"a", "foo"}, {"b", "plain"}});
}

TEST_CASE("objects survive their own JSON") {
  const std::string text =
      "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {b: \"\\0\\x01x\"}\n"
      "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: m, labels: {a: b}}\nbinaryData: {x: AP8=}\ndata: {y: "
      "\"1\"}\n"
      "---\napiVersion: v1\nkind: Service\nmetadata: {name: w}\nspec: {clusterIP: None, selector: {a: b}}\n" +
      std::string("---\n") + head + "spec: {containers: [{name: c, image: i}]}\n";
  const Objects first = decode(text, {Validation::strict, "shop"});
  const Objects again = decode(to_json(first.secrets.at(0)) + "\n---\n" + to_json(first.config_maps.at(0)) + "\n---\n" +
                               to_json(first.services.at(0)) + "\n---\n" + to_json(first.pods.at(0)));
  CHECK(again.secrets.at(0).data == first.secrets.at(0).data);
  CHECK(again.secrets.at(0).metadata.name_space == "shop");
  CHECK(again.config_maps.at(0).data == first.config_maps.at(0).data);
  CHECK(again.config_maps.at(0).metadata.labels == first.config_maps.at(0).metadata.labels);
  CHECK(again.services.at(0).headless);
  CHECK(again.pods.at(0).metadata.name_space == "shop");
}

TEST_CASE("a List holds objects of any kind, and problems in it have their place") {
  const std::string list =
      "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: m}\n";
  CHECK(decode(list).config_maps.size() == 1);
  CHECK(problems_of(list + "  dataa: {}\n") == "f.yaml:7:3: dataa: unknown field; did you mean \"data\"?\n");
}

TEST_CASE("with a namespace asked for, an object that names another is refused, and one that names none is put there") {
  const std::string map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n";
  CHECK(decode(map, {Validation::strict, "shop", true}).config_maps.at(0).metadata.name_space == "shop");
  CHECK_THAT(problems_of("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m, namespace: other}\n",
                         {Validation::strict, "shop", true}),
             Contains("f.yaml:3:32: metadata.namespace: \"other\" is not the namespace that was asked for, \"shop\""));
}

TEST_CASE("an object written twice is refused, over several files too") {
  const std::string map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n";
  Problems problems;
  decode_manifests({{"a.yaml", map}, {"b.yaml", map}}, {}, problems);
  CHECK(problems.text() == "b.yaml:3:18: metadata.name: ConfigMap \"m\" is written twice; the first is at a.yaml:3\n");
  Problems none;
  decode_manifests(
      {{"a.yaml", map}, {"b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m, namespace: other}\n"}}, {},
      none);
  CHECK(none.empty());
}

TEST_CASE("unsupported fields: an error, or a warning, as --validate asks; unknown ones are silent with ignore") {
  const std::string text = head + "spec:\n  containers: [{name: c, image: i, tty: true, imge: j}]\n";
  CHECK_THAT(problems_of(text),
             Contains("spec.containers[0].tty: is a Kubernetes field that Tandem does not support yet; "
                      "remove it or use --validate=warn"));
  CHECK_THAT(problems_of(text), Contains("spec.containers[0].imge: unknown field; did you mean \"image\"?"));
  const std::string warned = problems_of(text, {Validation::warn});
  CHECK_THAT(warned, Contains("warning: spec.containers[0].tty"));
  CHECK_THAT(warned, Contains("warning: spec.containers[0].imge"));
  const std::string ignored = problems_of(text, {Validation::ignore});
  CHECK_THAT(ignored, Contains("warning: spec.containers[0].tty"));
  CHECK_THAT(ignored, !Contains("imge"));
}

TEST_CASE("a volume whose source was left out is not quietly an empty directory") {
  const std::string text =
      head + "spec:\n  containers: [{name: c, image: i}]\n  volumes: [{name: v, nfs: {server: s, path: /}}]\n";
  CHECK_THAT(problems_of(text, {Validation::warn}), Contains("spec.volumes[0]: has no source that Tandem supports"));
}

TEST_CASE("a Service's named target port is looked up in the pods it selects") {
  const auto text = [](const std::string& port) {
    return "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {app: a}}\n"
           "spec: {containers: [{name: c, image: i, ports: [{name: web, containerPort: 80}]}]}\n"
           "---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\n"
           "spec: {selector: {app: a}, ports: [{port: " +
           port + ", targetPort: web}]}\n";
  };
  CHECK(problems_of(text("80")) == "");
  CHECK_THAT(problems_of(text("81")), Contains("spec.ports[0].targetPort: differs from port 81: web (80)"));
}
