// Manifests from files, and what apply would make of them.
#include "pods/client/manifests.hpp"

#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "pods/client/apply.hpp"
#include "pods/client/host_facts.hpp"
#include "pods/state/objects.hpp"
#include "tests/unit/client/pods_on_disk.hpp"

using namespace tandem;
using namespace tandem::client;
using Catch::Contains;

namespace {

std::string config_map(const std::string& name) {
  return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\ndata: {key: value}\n";
}

const char* pod_on_the_host = R"(apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  hostNetwork: true
  containers:
  - name: main
    image: localhost/not-there:1
    env:
    - name: KEY
      valueFrom: {configMapKeyRef: {name: settings, key: key}}
)";

}  // namespace

TEST_CASE("a directory means its manifests, and nothing else in it") {
  const test::TemporaryDirectory folder;
  write_file(folder / "b.yml", config_map("b"));
  write_file(folder / "a.yaml", config_map("a"));
  write_file(folder / "notes.txt", "no manifest: [");
  Problems problems;
  const manifest::Objects objects = decode_files({folder.path()}, {}, problems);
  CHECK(problems.text() == "");
  REQUIRE(objects.config_maps.size() == 2);
  CHECK_FALSE(objects.unread);
}

TEST_CASE("files that cannot be read are told beside what is wrong in the others") {
  const test::TemporaryDirectory folder;
  fs::create_directory(folder / "empty");
  write_file(folder / "good.yaml", config_map("good"));
  write_file(folder / "bad.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {nam: x}\n");
  Problems problems;
  const manifest::Objects objects =
      decode_files({folder / "absent.yaml", folder / "empty", folder / "bad.yaml", folder / "good.yaml"}, {}, problems);
  CHECK(objects.unread);
  CHECK_THAT(problems.text(), Contains((folder / "absent.yaml").string()) && Contains("no *.yaml") &&
                                  Contains((folder / "bad.yaml").string() + ":3:") && !Contains("good.yaml"));
}

TEST_CASE("what apply would do is told without root: a missing image is a problem of the manifest") {
  test::PodsOnDisk machine;
  write_file(machine.path() / "pod.yaml", pod_on_the_host);
  Problems problems;
  const manifest::Objects objects = decode_files({machine.path() / "pod.yaml"}, {}, problems);
  REQUIRE_FALSE(problems.has_errors());
  foresee_plans(machine.roots(), objects, problems);
  CHECK_THAT(problems.text(), Contains("localhost/not-there:1") && Contains("settings"));
}

TEST_CASE("a ConfigMap of the manifests stands before the one on disk, and a damaged one is to be applied again") {
  test::PodsOnDisk machine;
  write_file(machine.path() / "pod.yaml", pod_on_the_host);
  state::write_object(machine.roots(), {{"ConfigMap", "default", "settings"}, "{\"kind\":"});
  Problems problems;
  manifest::Objects objects = decode_files({machine.path() / "pod.yaml"}, {}, problems);
  CHECK_THROWS_WITH(foresee_plans(machine.roots(), objects, problems), Contains("apply it again"));
  objects.config_maps.push_back({});
  objects.config_maps.back().metadata.name = "settings";
  objects.config_maps.back().metadata.name_space = "default";
  problems = {};
  foresee_plans(machine.roots(), objects, problems);
  CHECK_THAT(problems.text(), Contains("ConfigMap \"settings\" has no key \"key\""));
}

TEST_CASE("uids are random, of version 4") {
  const std::string uid = new_uid(), other = new_uid();
  CHECK(uid != other);
  REQUIRE(uid.size() == 36);
  CHECK(uid[14] == '4');
  CHECK(std::string("89ab").find(uid[19]) != std::string::npos);
}
