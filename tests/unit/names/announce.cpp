#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "pods/state/objects.hpp"
#include "pods/supervise/client.hpp"
#include "pods/supervise/names_file.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::state;

namespace {

struct Tree {
  test::TemporaryDirectory dir;
  Roots roots{dir / "run", dir / "lib", "", {}};

  void service(const std::string& name, const std::string& spec) {
    write_object(roots, {{"Service", "default", name}, "{\"spec\": " + spec + "}"});
  }
  void pod(const std::string& id, const std::string& json) {
    const PodPaths paths(roots, id);
    make_directories(paths.run);
    write_file(paths.status(), json);
  }
};

std::string status(const std::string& name, const std::string& label, const std::string& ip, bool ready,
                   const std::string& phase = "Running") {
  return R"({"metadata": {"name": ")" + name + R"(", "namespace": "default", "labels": {"app": ")" + label +
         R"("}}, "status": {"phase": ")" + phase + R"(", "podIP": ")" + ip +
         R"(", "conditions": [{"type": "Ready", "status": ")" + (ready ? "True" : "False") + R"("}]}})";
}

}  // namespace

TEST_CASE("a Service stands for the ready pods on disk; ended, unready and damaged ones are left out") {
  Tree tree;
  tree.service("web", R"({"selector": {"app": "web"}})");
  tree.service("early", R"({"selector": {"app": "web"}, "publishNotReadyAddresses": true})");
  tree.pod("000000000001", status("a", "web", "10.0.0.1", true));
  tree.pod("000000000002", status("b", "web", "10.0.0.2", false));
  tree.pod("000000000003", status("c", "web", "10.0.0.3", true, "Succeeded"));
  tree.pod("000000000004", status("d", "db", "10.0.0.4", true));
  tree.pod("000000000005", "{\"metadata\": {");
  write_file(tree.roots.objects() / "Service" / "default" / "broken.json", "[");
  supervise::announce_names(tree.roots);
  const auto names = supervise::read_names(tree.roots).value();
  using Addresses = std::vector<std::string>;
  CHECK(names.at("web.default.svc.cluster.local") == Addresses{"10.0.0.1"});
  CHECK(names.at("early.default.svc.cluster.local") == Addresses{"10.0.0.1", "10.0.0.2"});
}

TEST_CASE("the file of names is replaced only when they change") {
  Tree tree;
  supervise::announce_names(tree.roots);
  const auto file = tree.roots.run / "names.json";
  const auto before = fs::last_write_time(file);
  supervise::announce_names(tree.roots);
  CHECK(fs::last_write_time(file) == before);
  tree.service("web", R"({"selector": {"app": "web"}})");
  supervise::announce_names(tree.roots);
  CHECK(fs::last_write_time(file) != before);
}

TEST_CASE("what a killed writer of the names left goes with the next change of them") {
  Tree tree;
  supervise::announce_names(tree.roots);
  write_file(tree.roots.run / ".names.json.Ab12_x", "half");
  tree.service("web", R"({"selector": {"app": "web"}})");
  supervise::announce_names(tree.roots);
  CHECK_FALSE(fs::exists(tree.roots.run / ".names.json.Ab12_x"));
  CHECK(supervise::read_names(tree.roots).value().contains("web.default.svc.cluster.local"));
}
