#include <catch2/catch.hpp>

#include "pods/linux/cgroup.hpp"

using namespace tandem;
using namespace tandem::linux_;

namespace {

std::string value_of(const std::vector<CgroupSetting>& settings, const std::string& file) {
  for (const CgroupSetting& setting : settings) {
    if (setting.file == file) return setting.value;
  }
  return "";
}

plan::Container container(plan::ContainerKind kind, std::int64_t cpu, std::optional<std::int64_t> memory_limit = {}) {
  plan::Container made;
  made.kind = kind;
  made.resources.cpu_request = Millicores{cpu};
  if (memory_limit) made.resources.memory_limit = Bytes{*memory_limit};
  return made;
}

}  // namespace

TEST_CASE("a CPU request becomes shares and weight as kubelet counts them") {
  plan::Resources resources;
  CHECK(value_of(settings_v1(resources), "cpu.shares") == "2");
  CHECK(value_of(settings_v2(resources), "cpu.weight") == "1");
  resources.cpu_request = Millicores{1000};
  CHECK(value_of(settings_v1(resources), "cpu.shares") == "1024");
  CHECK(value_of(settings_v2(resources), "cpu.weight") == "39");
  resources.cpu_request = Millicores{1};
  CHECK(value_of(settings_v1(resources), "cpu.shares") == "2");
  resources.cpu_request = Millicores{10'000'000};
  CHECK(value_of(settings_v2(resources), "cpu.weight") == "10000");
}

TEST_CASE("a CPU limit becomes a quota of 100 ms, at least one millisecond of it") {
  plan::Resources resources;
  CHECK(value_of(settings_v2(resources), "cpu.max").empty());
  resources.cpu_limit = Millicores{250};
  CHECK(value_of(settings_v1(resources), "cpu.cfs_quota_us") == "25000");
  CHECK(value_of(settings_v2(resources), "cpu.max") == "25000 100000");
  resources.cpu_limit = Millicores{1};
  CHECK(value_of(settings_v2(resources), "cpu.max") == "1000 100000");
}

TEST_CASE("a memory limit is no limit with swap beside it") {
  plan::Resources resources;
  resources.memory_limit = Bytes{1 << 20};
  CHECK(value_of(settings_v1(resources), "memory.memsw.limit_in_bytes") == "1048576");
  CHECK(value_of(settings_v2(resources), "memory.swap.max") == "0");
}

TEST_CASE("a pod needs what its containers need at once, whichever is more, starting or running") {
  using enum plan::ContainerKind;
  plan::Plan plan;
  plan.containers = {container(init, 700), container(sidecar, 100), container(init, 200), container(main, 300),
                     container(main, 50)};
  CHECK(pod_resources(plan).cpu_request == Millicores{700});
  plan.containers[0].resources.cpu_request = Millicores{10};
  CHECK(pod_resources(plan).cpu_request == Millicores{450});
  CHECK_FALSE(pod_resources(plan).memory_request);
}

TEST_CASE("a pod has a limit only when each container has one") {
  using enum plan::ContainerKind;
  plan::Plan plan;
  plan.containers = {container(main, 1, 100), container(main, 1, 200)};
  CHECK(pod_resources(plan).memory_limit == Bytes{300});
  plan.containers.push_back(container(main, 1));
  CHECK_FALSE(pod_resources(plan).memory_limit);
}
