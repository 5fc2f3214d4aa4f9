#include "tests/integration/supervise/launched_pod.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "core/os/process.hpp"
#include "pods/linux/cgroup.hpp"
#include "pods/state/events.hpp"
#include "pods/supervise/recovery.hpp"
#include "tests/support/own_network.hpp"
#include "tests/support/skip.hpp"

namespace tandem::test {
namespace {

constexpr const char* busybox = "/bin/busybox";

void make_image(const fs::path& image) {
  for (const char* name : {"bin", "etc", "tmp"}) make_directories(image / name);
  fs::copy_file(busybox, image / "bin/busybox");
  for (const char* tool :
       {"sh", "cat", "echo", "sleep", "seq", "nc", "test", "true", "touch", "rm", "httpd", "mkdir", "yes"}) {
    fs::create_symlink("busybox", image / "bin" / tool);
  }
}

int next_id() {
  static int id = 0;
  return ++id;
}

}  // namespace

std::string reason_to_skip() {
  if (!is_root()) return "needs root: namespaces, mounts and cgroups";
  if (!fs::exists(busybox)) return "needs " + std::string(busybox) + " (Debian: busybox-static)";
  if (linux_::find_cgroup_mounts().v2.empty() && linux_::find_cgroup_mounts().v1.empty())
    return "no cgroups are mounted";
  enter_own_network();
  return "";
}

LaunchedPod::LaunchedPod() : paths(roots, "x") {
  ::chmod(folder_.path().c_str(), 0755);
  make_image(folder_ / "image");
  roots.run = folder_ / "run";
  roots.lib = folder_ / "lib";
  char tag[8];  // of this process alone: bridge and cgroups are named after it
  std::snprintf(tag, sizeof tag, "%06x", static_cast<unsigned>(::getpid()) & 0xffffff);
  roots.tag = tag;
  roots.libexec = TANDEM_BINARY_DIR "/bin";
  char id[16];
  std::snprintf(id, sizeof id, "%06x%06x", static_cast<unsigned>(::getpid()) & 0xffffff, next_id() & 0xffffff);
  plan.id = id;
  plan.uid = plan.id.substr(0, 8) + "-" + plan.id.substr(8) + "-4000-8000-000000000000";
  plan.name = "web";
  plan.name_space = "default";
  plan.hostname = "web";
  plan.node_name = "node";
  plan.network.mode = plan::NetworkMode::none;
  plan.cgroup_parent = roots.cgroup_parent();
  plan.termination_grace_period = plan::seconds(5);
  plan.pod_json = R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"default"}})";
  paths = state::PodPaths(roots, plan.id);
}

LaunchedPod::~LaunchedPod() {
  try {
    supervise::delete_pod(roots, plan.id, std::chrono::seconds(0));
    linux_::remove_cgroup(linux_::find_cgroup_mounts(), plan.cgroup_parent);
  } catch (const Error& error) {
    std::cerr << error.what() << '\n';
    std::abort();
  }
  if (const std::string left = leftovers(); !left.empty()) {
    std::cerr << "left behind: " << left << '\n';
    std::abort();
  }
}

plan::Container LaunchedPod::shell(const std::string& name, const std::string& script, plan::ContainerKind kind) const {
  plan::Container container;
  container.name = name;
  container.kind = kind;
  container.image = "localhost/busybox";
  container.layers = {(folder_.path() / "image").string()};
  container.argv = {"sh", "-c", script};
  container.environment = {{"PATH", "/bin", false}};
  container.restart = plan.restart_policy;
  if (kind == plan::ContainerKind::sidecar) container.restart = plan::RestartPolicy::always;
  return container;
}

std::string LaunchedPod::status() const { return supervise::read_pod_status(paths).value_or(""); }

std::string LaunchedPod::status_at(const std::string& pointer) const {
  const auto json = nlohmann::json::parse(status(), nullptr, false);
  const nlohmann::json::json_pointer place(pointer);
  if (json.is_discarded() || !json.contains(place)) return "";
  return json[place].is_string() ? json[place].get<std::string>() : json[place].dump();
}

state::ContainerRecord LaunchedPod::record(const std::string& container) const {
  return state::read_container_record(paths, container).value_or(state::ContainerRecord{});
}

std::string LaunchedPod::raw_log(const std::string& container, int attempt) const {
  const fs::path file = paths.log(container, attempt);
  std::string text;
  for (const std::string& name : list_directory(file.parent_path())) {  // rotated ones sort after the current one
    if (name.compare(0, file.filename().string().size() + 1, file.filename().string() + ".") == 0) {
      text += read_file(file.parent_path() / name);
    }
  }
  return text + read_file_if_exists(file).value_or("");
}

std::vector<std::string> LaunchedPod::log(const std::string& container, int attempt) const {
  std::istringstream text(raw_log(container, attempt));
  std::vector<std::string> lines;
  std::string part;
  for (std::string time, stream, tag, rest; text >> time >> stream >> tag && std::getline(text, rest);) {
    part += rest.empty() ? rest : rest.substr(1);
    if (tag != "F") continue;
    lines.push_back(part);
    part.clear();
  }
  if (!part.empty()) lines.push_back(part);
  return lines;
}

bool LaunchedPod::logged(const std::string& container, const std::string& line, int attempt) const {
  for (const std::string& found : log(container, attempt)) {
    if (found == line) return true;
  }
  return false;
}

std::vector<std::string> LaunchedPod::event_reasons() const {
  std::vector<std::string> reasons;
  for (const state::PodEvent& event : state::read_events(paths)) reasons.push_back(event.reason);
  return reasons;
}

pid_t LaunchedPod::process(const std::string& name) const {
  for (const auto& [found, pid] : supervise::processes_of(paths, plan)) {
    if (found == name) return pid;
  }
  return 0;
}

bool LaunchedPod::wait_for_other(const std::string& name, pid_t before) const {
  return wait_until([&] {
    const pid_t now = process(name);
    return now > 0 && now != before;
  });
}

void LaunchedPod::kill(const std::string& name, int signal) const {
  const pid_t pid = process(name);
  if (pid <= 1) throw Error(Fault::bug, "kill", name, "it does not run");
  check([&] { return ::kill(pid, signal); }, "kill", name);
}

void LaunchedPod::kill_guardians() const {
  kill("supervisor", SIGSTOP);
  const pid_t supervisor = process("supervisor");
  kill("keeper");
  ::kill(supervisor, SIGKILL);
}

bool LaunchedPod::wait_for_phase(const std::string& wanted) const {
  return wait_until([&] { return phase() == wanted; });
}

bool LaunchedPod::wait_ready() const {
  return wait_until([&] {
    const auto json = nlohmann::json::parse(status(), nullptr, false);
    if (json.is_discarded()) return false;
    for (const auto& condition : json["status"]["conditions"]) {
      if (condition["type"] == "Ready") return condition["status"] == "True";
    }
    return false;
  });
}

std::string LaunchedPod::leftovers() const {
  std::string left;
  for (const std::string& mount : supervise::mounts_below(folder_.path())) left += "mount " + mount + "; ";
  const linux_::CgroupMounts mounts = linux_::find_cgroup_mounts();
  for (const std::string& directory : linux_::cgroup_directories(mounts, plan.cgroup_parent + "/" + plan.id)) {
    if (fs::exists(directory)) left += "cgroup " + directory + "; ";
  }
  for (const fs::path& directory : {paths.run, paths.lib, roots.names() / plan.name_space / plan.name}) {
    std::error_code error;
    if (fs::symlink_status(directory, error).type() != fs::file_type::not_found) left += directory.string() + "; ";
  }
  for (const std::string& name : list_directory("/proc")) {
    const pid_t pid = static_cast<pid_t>(std::atoi(name.c_str()));
    if (pid <= 0) continue;
    try {
      const std::string command = read_file_if_exists("/proc/" + name + "/cmdline").value_or("");
      if (command.find(paths.run.string()) != command.npos) left += "process " + name + "; ";
    } catch (const Error&) {
      // It has ended meanwhile.
    }
  }
  return left;
}

int first_missing(const std::vector<std::string>& lines, int first, int last) {
  const std::set<std::string> there(lines.begin(), lines.end());
  for (int i = first; i <= last; ++i) {
    if (there.count(std::to_string(i)) == 0) return i;
  }
  return 0;
}

}  // namespace tandem::test
