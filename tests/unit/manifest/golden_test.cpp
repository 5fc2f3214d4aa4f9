#include "tests/golden/golden.hpp"
#include "pods/manifest/manifest.hpp"

using namespace tandem;
using namespace tandem::manifest;

namespace {

// "# validate: warn" in the first line picks the mode.
Options options_of(const std::string& input) {
  Options options;
  const std::string first = input.substr(0, input.find('\n'));
  if (first == "# validate: warn") options.validation = Validation::warn;
  if (first == "# validate: ignore") options.validation = Validation::ignore;
  return options;
}

std::string render(const std::string& input) {
  Problems problems;
  const Objects objects = decode_manifests({{"input.yaml", input}}, options_of(input), problems);
  std::string text = problems.text();
  if (problems.has_errors()) return text;
  for (const Pod& pod : objects.pods) text += to_json(pod) + "\n";
  for (const ConfigMap& map : objects.config_maps) text += to_json(map) + "\n";
  for (const Secret& secret : objects.secrets) text += to_json(secret) + "\n";
  for (const Service& service : objects.services) text += to_json(service) + "\n";
  return text;
}

}  // namespace

TEST_CASE("manifests give the problems or objects that their golden folders say") {
  test::check_golden("manifest", render);
}
