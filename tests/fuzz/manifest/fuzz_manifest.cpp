// Any bytes as a manifest: no crash, problems or objects; and what is accepted survives its own JSON, its Plan too.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "pods/plan/plan_json.hpp"
#include "pods/plan/plan_pod.hpp"
#include "pods/plan/print_plan.hpp"
#include "tests/unit/plan/fake_host.hpp"

namespace {

using namespace tandem;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_plan(const manifest::Pod& pod, const manifest::Objects& objects) {
  Problems problems;
  const auto plan = plan::plan_pod(pod, test::fake_host(objects), problems);
  require(plan.has_value() || problems.has_errors());
  if (!plan) return;
  plan::print_plan(*plan);
  require(plan::read_plan(plan::write_plan(*plan)) == *plan);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const auto validation :
       {manifest::Validation::strict, manifest::Validation::warn, manifest::Validation::ignore}) {
    Problems problems;
    const manifest::Objects objects = manifest::decode_manifests({{"fuzz", text}}, {validation}, problems);
    problems.text();
    if (problems.has_errors()) {  // planned for more problems, never to be launched
      for (const auto& pod : objects.pods) {
        const auto plan = plan::plan_pod(pod, test::fake_host(objects), problems);
        require(!plan || !pod.source.refused(""));
      }
      continue;
    }
    for (const auto& secret : objects.secrets) {
      Problems none;
      const auto again = manifest::decode_manifests({{"again", manifest::to_json(secret)}}, {validation}, none);
      require(!none.has_errors() && again.secrets.at(0).data == secret.data);
    }
    for (const auto& map : objects.config_maps) {
      Problems none;
      const auto again = manifest::decode_manifests({{"again", manifest::to_json(map)}}, {validation}, none);
      require(!none.has_errors() && again.config_maps.at(0).data == map.data);
    }
    for (const auto& pod : objects.pods) check_plan(pod, objects);
  }
  return 0;
}
