// Objects as they are chosen and shown, from a folder.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/os/error.hpp"
#include "pods/client/pod_trouble.hpp"
#include "pods/client/selection.hpp"
#include "pods/client/stored_objects.hpp"
#include "pods/state/objects.hpp"
#include "tests/unit/client/pods_on_disk.hpp"

using namespace tandem;
using namespace tandem::client;
using Catch::Contains;

namespace {

void store_object(const state::Roots& roots, const std::string& kind, const std::string& name,
                  const std::string& rest = "") {
  state::write_object(roots, {{kind, "default", name},
                              R"({"kind":")" + kind + R"(","metadata":{"name":")" + name +
                                  R"(","namespace":"default","labels":{"app":")" + name + R"("}})" + rest + "}"});
}

std::vector<std::string> names_of(const Selected& selected) {
  std::vector<std::string> names;
  for (const auto& object : selected.objects) names.push_back(object["metadata"]["name"]);
  return names;
}

}  // namespace

TEST_CASE("what is asked for is of one kind") {
  CHECK(parse_asked({"cm", "a", "b"}).names == std::vector<std::string>{"a", "b"});
  CHECK(parse_asked({"services"}).kind == Kind::service);
  CHECK(parse_asked({"services"}).names.empty());
  CHECK_THROWS_WITH(parse_asked({"pod/a", "svc/b"}), Contains("several kinds"));
}

TEST_CASE("objects come in the order in which they were asked for, and who is missing is told") {
  test::PodsOnDisk machine;
  for (const char* name : {"a", "b", "c"}) store_object(machine.roots(), "ConfigMap", name);
  const Selected all = select_objects(machine.roots(), {Kind::config_map, {}}, "default", "");
  CHECK(names_of(all) == std::vector<std::string>{"a", "b", "c"});
  CHECK(all.errors.empty());
  const Selected some = select_objects(machine.roots(), {Kind::config_map, {"c", "x", "a"}}, "default", "");
  CHECK(names_of(some) == std::vector<std::string>{"c", "a"});
  CHECK(some.errors == std::vector<std::string>{"configmap \"x\" not found in namespace default"});
  CHECK(names_of(select_objects(machine.roots(), {Kind::config_map, {}}, "default", "app!=b")) ==
        std::vector<std::string>{"a", "c"});
  CHECK(names_of(select_objects(machine.roots(), {Kind::config_map, {}}, "other", "")).empty());
}

TEST_CASE("a damaged object is told to whoever asks for it or for all, and to nobody else") {
  test::PodsOnDisk machine;
  store_object(machine.roots(), "ConfigMap", "good");
  store_object(machine.roots(), "ConfigMap", "bad");
  const fs::path path = state::object_path(machine.roots(), {"ConfigMap", "default", "bad"});
  fs::remove(path);
  write_file(path, "{\"metadata\":");
  const Selected all = select_objects(machine.roots(), {Kind::config_map, {}}, "default", "");
  CHECK(names_of(all) == std::vector<std::string>{"good"});
  REQUIRE(all.errors.size() == 1);
  CHECK_THAT(all.errors.front(), Contains(path.string()));
  CHECK(select_objects(machine.roots(), {Kind::config_map, {"good"}}, "default", "").errors.empty());
}

TEST_CASE("a Secret's values are shown to nobody") {
  test::PodsOnDisk machine;
  store_object(machine.roots(), "Secret", "s", R"(,"data":{"password":"aHVudGVyMg=="},"stringData":{"token":"abc"})");
  std::vector<Damaged> damaged;
  const auto secrets = list_objects(machine.roots(), Kind::secret, "default", damaged);
  REQUIRE(secrets.size() == 1);
  CHECK(secrets[0]["data"]["password"] == "***");
  CHECK(secrets[0]["stringData"]["token"] == "***");
}

TEST_CASE("a pod without a status is Pending, and one that nobody watches is Unknown with what to do") {
  test::PodsOnDisk machine;
  const state::PodPaths paths = machine.add("web");
  const std::string id = paths.run.filename();
  CHECK(pod_object(machine.roots(), id, "default", "web")["status"]["phase"] == "Pending");

  write_file(paths.status(), R"({"kind":"Pod","metadata":{"name":"web"},"status":{"phase":"Running",
    "conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[{"name":"main","ready":true}]}})");
  const auto pod = pod_object(machine.roots(), id, "default", "web");
  CHECK(pod["status"]["phase"] == "Unknown");
  CHECK_THAT(pod["status"]["message"].get<std::string>(), Contains("neither keeper nor supervisor"));
  CHECK(pod["status"]["conditions"][0]["status"] == "Unknown");
  CHECK(pod["status"]["containerStatuses"][0]["ready"] == false);
}

TEST_CASE("a pod that has ended needs nobody, and a damaged status names its file") {
  test::PodsOnDisk machine;
  const state::PodPaths paths = machine.add("web");
  const std::string id = paths.run.filename();
  write_file(paths.status(), R"({"metadata":{"name":"web"},"status":{"phase":"Succeeded"}})");
  CHECK(pod_object(machine.roots(), id, "default", "web")["status"]["phase"] == "Succeeded");
  fs::remove(paths.status());
  write_file(paths.status(), "{");
  const auto pod = pod_object(machine.roots(), id, "default", "web");
  CHECK(pod["status"]["phase"] == "Unknown");
  CHECK_THAT(pod["status"]["message"].get<std::string>(), Contains(paths.status().string()));
}

TEST_CASE("who has failed is told by name, code and reason, in the order of the status") {
  test::PodsOnDisk machine;
  const state::PodPaths paths = machine.add("web");
  CHECK(failed_containers(paths) == "");
  write_file(paths.status(), R"({"status":{"containerStatuses":[
    {"name":"main","state":{"terminated":{"exitCode":3,"reason":"Error"}}},
    {"name":"done","state":{"terminated":{"exitCode":0,"reason":"Completed"}}},
    {"name":"log","state":{"terminated":{"exitCode":137,"reason":"OOMKilled"}}},
    {"name":"on","state":{"running":{}}}]}})");
  CHECK(failed_containers(paths) == "main exited with 3, log exited with 137 (OOMKilled)");
}

TEST_CASE("the command that deletes a pod is written as a person types it") {
  CHECK(command_to_delete("default", "web") == "tandem delete pod web");
  CHECK(command_to_delete("shop", "web") == "tandem delete pod web -n shop");
}
