// A machine's pods and objects in a folder of their own, as keepers and supervisors leave them; none lives.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/os/files.hpp"
#include "pods/plan/plan_json.hpp"
#include "pods/state/layout.hpp"
#include "pods/state/pod_state.hpp"
#include "tests/support/servers.hpp"

namespace tandem::test {

class PodsOnDisk {
 public:
  PodsOnDisk() {
    roots_.run = folder_ / "run";
    roots_.lib = folder_ / "lib";
  }
  const state::Roots& roots() const { return roots_; }
  const fs::path& path() const { return folder_.path(); }

  // With one main container of each name.
  state::PodPaths add(const std::string& name, const std::vector<std::string>& containers = {"main"},
                      const std::string& name_space = "default") {
    plan::Plan plan;
    plan.id = "00000000000" + std::to_string(count_++);
    plan.uid = plan.id.substr(0, 8) + "-" + plan.id.substr(8) + "-4000-8000-000000000000";
    plan.name = name, plan.name_space = name_space;
    plan.pod_json =
        R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":")" + name + R"(","namespace":")" + name_space + R"("}})";
    for (const std::string& container : containers) plan.containers.emplace_back().name = container;
    const state::PodPaths paths(roots_, plan.id);
    make_directories(paths.run, 0700);
    make_directories(paths.lib, 0700);
    make_directories(roots_.names() / name_space, 0700);
    write_file(paths.plan(), plan::write_plan(plan));
    fs::create_directory_symlink(paths.run, roots_.names() / name_space / name);
    return paths;
  }

  static void has_run(const state::PodPaths& paths, const std::string& container, int attempt) {
    make_directories(paths.container_run(container), 0700);
    make_directories(paths.log(container, attempt).parent_path(), 0700);
    state::ContainerRecord record;
    record.attempt = attempt;
    record.phase = state::ContainerPhase::exited;
    state::write_container_record(paths, container, record);
  }

 private:
  TemporaryDirectory folder_;
  state::Roots roots_;
  int count_ = 1;
};

}  // namespace tandem::test
