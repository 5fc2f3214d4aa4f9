#include <catch2/catch.hpp>

#include "pods/linux/container_root.hpp"

using namespace tandem;

TEST_CASE("outer mounts come before inner ones, equals as the manifest has them") {
  const auto at = [](const char* target) {
    plan::Mount mount;
    mount.target = target;
    return mount;
  };
  const auto sorted =
      linux_::in_mount_order({at("/data/cache/hot"), at("/var/b"), at("/data/"), at("/var/a"), at("/data//cache")});
  std::vector<std::string> targets;
  for (const plan::Mount& mount : sorted) targets.push_back(mount.target);
  CHECK(targets == std::vector<std::string>{"/data/", "/var/b", "/var/a", "/data//cache", "/data/cache/hot"});
}
