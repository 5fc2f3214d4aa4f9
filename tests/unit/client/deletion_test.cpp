#include "pods/client/deletion.hpp"

#include <catch2/catch.hpp>

#include "pods/state/objects.hpp"
#include "tests/unit/client/pods_on_disk.hpp"

using namespace tandem;
using namespace tandem::client;

namespace {

std::vector<std::string> names_of(const std::vector<Target>& targets) {
  std::vector<std::string> names;
  for (const Target& target : targets)
    names.push_back(std::string(short_name(target.kind)) + "/" + target.name_space + "/" + target.name);
  return names;
}

}  // namespace

TEST_CASE("of a manifest pods are deleted first, and what they use after them") {
  manifest::Objects objects;
  const auto named = [](auto object, const char* name) {
    object.metadata.name = name;
    object.metadata.name_space = "shop";
    return object;
  };
  objects.secrets.push_back(named(manifest::Secret(), "s"));
  objects.config_maps.push_back(named(manifest::ConfigMap(), "c"));
  objects.services.push_back(named(manifest::Service(), "v"));
  objects.pods.push_back(named(manifest::Pod(), "p"));
  CHECK(names_of(targets_of(objects)) ==
        std::vector<std::string>{"pod/shop/p", "service/shop/v", "configmap/shop/c", "secret/shop/s"});
}

TEST_CASE("a kind without a name means all of it that is in the namespace") {
  test::PodsOnDisk machine;
  machine.add("one");
  machine.add("two");
  machine.add("three", {"main"}, "other");
  state::write_object(machine.roots(), {{"ConfigMap", "default", "c"}, "{}"});
  CHECK(names_of(targets_of(machine.roots(), "default", {{Kind::pod, ""}})) ==
        std::vector<std::string>{"pod/default/one", "pod/default/two"});
  CHECK(names_of(targets_of(machine.roots(), "default", {{Kind::config_map, ""}, {Kind::secret, ""}})) ==
        std::vector<std::string>{"configmap/default/c"});
  CHECK(names_of(targets_of(machine.roots(), "default", {{Kind::pod, "absent"}})) ==
        std::vector<std::string>{"pod/default/absent"});
}

TEST_CASE("an object that is removed was there once") {
  test::PodsOnDisk machine;
  state::write_object(machine.roots(), {{"ConfigMap", "default", "c"}, "{}"});
  const Target target{Kind::config_map, "default", "c"};
  const Notes nothing = [](const std::string& line) { FAIL(line); };
  CHECK(remove(machine.roots(), target, std::nullopt, nothing));
  CHECK_FALSE(remove(machine.roots(), target, std::nullopt, nothing));
}

TEST_CASE("an interrupted delete names the pods that are still ending, and only those it had found") {
  const std::vector<Target> targets{{Kind::pod, "default", "gone", true},
                                    {Kind::pod, "shop", "ending", true},
                                    {Kind::pod, "default", "never", false},
                                    {Kind::service, "default", "svc", false}};
  CHECK(unfinished(targets, 1) ==
        "pod \"ending\" is not deleted yet: it goes on ending, and tandem delete pod ending -n shop finishes its "
        "deletion\n");
  CHECK(unfinished(targets, 2) == "");
}
