#include "tests/e2e/guestbook/pods.hpp"
#include "tests/support/own_network.hpp"
#include "tests/support/skip.hpp"

namespace tandem::test {

namespace {

const std::string examples = std::string(TANDEM_SOURCE_DIR) + "/examples/";
const fs::path images = fs::path(TANDEM_SOURCE_DIR) / "build/e2e/lib/images";

std::vector<std::string> up() { return with_manifests({"up", "-d", "--timeout", "120s"}); }

}  // namespace

std::string reason_to_skip() {
  if (!is_root()) return "pods need root: namespaces, mounts, cgroups";
  if (!fs::exists(images / "index.json")) return "the example images are not packed (tests/e2e/guestbook/prepare)";
  enter_own_network();
  return "";
}

std::vector<std::string> with_manifests(std::vector<std::string> words) {
  for (const char* file :
       {"redis-cluster/redis-cluster.yaml", "guestbook/guestbook.yaml", "monitoring/monitoring.yaml"}) {
    words.push_back("-f");
    words.push_back(examples + file);
  }
  return words;
}

Machine& machine() {
  static Machine one(images);
  static const std::string launched = one.ok(up());
  return one;
}

void launch_again() { machine().ok(up()); }

}  // namespace tandem::test
