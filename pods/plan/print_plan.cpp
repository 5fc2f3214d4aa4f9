#include "pods/plan/print_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstring>

#include "core/text/words.hpp"
#include "pods/plan/plan_json.hpp"

namespace tandem::plan {

namespace {

// As a shell would want it; for people to read and to copy.
std::string shell_word(const std::string& word) {
  const auto plain = [](unsigned char c) { return std::isalnum(c) || std::strchr("-_./:=,+@%", c) != nullptr; };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') {
      out += "'\\''";
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string shell_words(const std::vector<std::string>& words) {
  std::vector<std::string> out;
  for (const std::string& word : words) out.push_back(shell_word(word));
  return joined(out, " ");
}

std::string restart_text(RestartPolicy policy) {
  return policy == RestartPolicy::always ? "always" : policy == RestartPolicy::never ? "never" : "on failure";
}

std::string kind_text(ContainerKind kind) {
  return kind == ContainerKind::main ? "main" : kind == ContainerKind::sidecar ? "sidecar" : "init";
}

class Printer {
 public:
  explicit Printer(const Plan& plan) : plan_(plan) {}

  std::string all() {
    line(0, "Pod {}/{}", plan_.name_space, plan_.name);
    line(1, "uid {}, restart {}, grace period {}", plan_.uid, restart_text(plan_.restart_policy),
         to_string(std::chrono::nanoseconds(plan_.termination_grace_period)));
    if (plan_.active_deadline) line(1, "ends after {}", to_string(std::chrono::nanoseconds(*plan_.active_deadline)));
    sandbox();
    network();
    volumes();
    for (const Container& each : plan_.containers) container(each);
    order();
    return std::move(out_);
  }

 private:
  template <class... Values>
  void line(int level, fmt::format_string<Values...> format, Values&&... values) {
    out_.append(static_cast<std::size_t>(level) * 2, ' ');
    fmt::format_to(std::back_inserter(out_), format, std::forward<Values>(values)...);
    out_ += '\n';
  }

  void step(const std::string& title) { line(0, "\n{}. {}", ++step_, title); }

  void sandbox() {
    step("Sandbox");
    std::vector<std::string> shared, host;
    (plan_.network.mode == NetworkMode::host ? host : shared).push_back("network");
    (plan_.host_ipc ? host : shared).push_back("ipc");
    (plan_.network.mode == NetworkMode::host ? host : shared).push_back("uts");
    if (plan_.host_pid) host.push_back("pid");
    if (!shared.empty()) line(1, "namespaces  {}", joined(shared, " "));
    if (!host.empty()) line(1, "of the host {}", joined(host, " "));
    line(1, "hostname    {}", plan_.hostname);
    line(1, "cgroup      {}/{}", plan_.cgroup_parent, plan_.id);
    for (const auto& [name, value] : plan_.sysctls) line(1, "sysctl      {}={}", name, value);
  }

  void network() {
    step("Network");
    const Network& network = plan_.network;
    if (network.mode == NetworkMode::host) line(1, "the host's own, address {}", network.address);
    if (network.mode == NetworkMode::none) line(1, "loopback only");
    if (network.mode == NetworkMode::bridge) {
      line(1, "address     {}/{} by {} on bridge {}, gateway {}", network.address, network.prefix_length,
           network.interface_host, network.bridge, network.gateway);
    }
    if (!plan_.dns.nameservers.empty()) line(1, "names       from {}", joined(plan_.dns.nameservers, " "));
    if (!plan_.dns.searches.empty()) line(1, "search      {}", joined(plan_.dns.searches, " "));
    if (!plan_.dns.options.empty()) line(1, "options     {}", joined(plan_.dns.options, " "));
    for (const HostAlias& alias : plan_.host_aliases)
      line(1, "alias       {} {}", alias.ip, joined(alias.hostnames, " "));
    for (const HostPort& port : plan_.host_ports) {
      line(1, "host port   {}:{} -> {}/{}, on {}, past the host's own INPUT rules",
           port.host_ip.empty() ? "*" : port.host_ip, port.host_port, port.container_port, port.protocol,
           port.host_ip.empty() ? "every address" : "this address only");
    }
  }

  void volumes() {
    if (plan_.volumes.empty()) return;
    step("Volumes");
    for (const Volume& volume : plan_.volumes) {
      const std::string limit = volume.size_limit ? ", at most " + to_string(*volume.size_limit) : "";
      switch (volume.kind) {
        case VolumeKind::empty_dir:
          line(1, "{}: empty directory", volume.name);
          break;
        case VolumeKind::memory:
          line(1, "{}: empty directory in memory{}", volume.name, limit);
          break;
        case VolumeKind::host_path:
          line(1, "{}: {} of the host{}", volume.name, volume.source,
               volume.host_path_type.empty() ? "" : " (" + volume.host_path_type + ")");
          break;
        case VolumeKind::files:
          line(1, "{}: {}", volume.name, volume.secret ? "files in memory, secret" : "files");
          for (const VolumeFile& file : volume.files) {
            if (volume.secret) {
              line(2, "{:04o} {} ***", file.mode, file.path);
            } else {
              line(2, "{:04o} {} {} bytes", file.mode, file.path, file.content.size());
            }
          }
      }
    }
  }

  void container(const Container& container) {
    step(fmt::format("{} container {}", kind_text(container.kind), container.name));
    image(container);
    line(1, "command     {}", command(container));
    line(1, "directory   {}",
         is_unknown(container, "workingDirectory") ? std::string("the image's") : container.working_directory);
    identity(container);
    if (is_unknown(container, "environment")) line(1, "environment the image's, and");
    for (const EnvironmentEntry& entry : container.environment) {
      line(1, "environment {}={}", entry.name, entry.secret ? "***" : shell_word(entry.value));
    }
    for (const Mount& mount : container.mounts) {
      const std::string source = mount.kind == MountKind::file ? "the pod's " + mount.source : mount.source;
      line(1, "mount       {} <- {}{}{}", mount.target, source, mount.sub_path.empty() ? "" : "/" + mount.sub_path,
           mount.read_only ? ", read-only" : "");
    }
    resources(container.resources);
    for (const auto& [name, probe] : {std::pair{"startup", &container.startup},
                                      {"readiness", &container.readiness},
                                      {"liveness", &container.liveness}}) {
      if (*probe) line(1, "{:<11} {}", name, probe_text(**probe));
    }
    if (!container.post_start.empty()) line(1, "after start {}", shell_words(container.post_start));
    if (!container.pre_stop.empty()) line(1, "before stop {}", shell_words(container.pre_stop));
    if (container.termination_message_policy == TerminationMessagePolicy::fallback_to_logs_on_error)
      line(1, "message     {}, after a failure without one the end of its output", container.termination_message_path);
    line(1, "stop        {}; restart {}",
         is_unknown(container, "stopSignal") ? std::string("the image's signal") : container.stop_signal,
         restart_text(container.restart));
  }

  static bool is_unknown(const Container& container, std::string_view key) {
    return std::find(container.unknown.begin(), container.unknown.end(), key) != container.unknown.end();
  }

  static std::string command(const Container& container) {
    if (!is_unknown(container, "argv")) return shell_words(container.argv);
    return container.argv.empty() ? "the image's" : "the image's, with " + shell_words(container.argv);
  }

  void image(const Container& container) {
    if (!container.unknown.empty()) {
      line(1, "image       {} (not in the store: what it says is not known)", container.image);
      return;
    }
    line(1, "image       {} ({}, {} layer{})", container.image, container.image_id.substr(0, 19),
         container.layers.size(), container.layers.size() == 1 ? "" : "s");
  }

  void identity(const Container& container) {
    const Identity& who = container.identity;
    const Security& security = container.security;
    line(1, "user        {}{}", user(container),
         who.groups.empty() ? "" : fmt::format(", groups {}", fmt::join(who.groups, " ")));
    if (security.privileged) line(1, "privileged");
    std::vector<std::string> names;
    for (const std::string& name : security.capabilities) names.push_back(name.substr(4));
    if (!security.privileged) line(1, "capability  {}", names.empty() ? "none" : joined(names, " "));
    line(1, "security    {}{}{}", security.default_seccomp ? "default system calls" : "all system calls",
         security.no_new_privileges ? ", no new privileges" : "", security.read_only_root ? ", read-only root" : "");
  }

  static std::string user(const Container& container) {
    const Identity& who = container.identity;
    const bool no_group = is_unknown(container, "identity.gid");
    if (!is_unknown(container, "identity.uid"))
      return no_group ? fmt::format("{}, group the image's", who.uid) : fmt::format("{}:{}", who.uid, who.gid);
    return no_group ? "the image's" : fmt::format("the image's, group {}", who.gid);
  }

  void resources(const Resources& resources) {
    std::vector<std::string> limits;
    if (resources.cpu_request) limits.push_back("cpu request " + to_string(*resources.cpu_request));
    if (resources.cpu_limit) limits.push_back("cpu limit " + to_string(*resources.cpu_limit));
    if (resources.memory_request) limits.push_back("memory request " + to_string(*resources.memory_request));
    if (resources.memory_limit) limits.push_back("memory limit " + to_string(*resources.memory_limit));
    if (resources.pids_limit) limits.push_back(fmt::format("at most {} processes", *resources.pids_limit));
    limits.push_back(fmt::format("oom score {}{}", resources.oom_score_adj,
                                 resources.oom_score_raised ? " (this machine lowers none: no CAP_SYS_RESOURCE)" : ""));
    line(1, "cgroup      {}", joined(limits, ", "));
  }

  std::string probe_text(const Probe& probe) const {
    const std::string& host = probe.host.empty() ? plan_.network.address : probe.host;
    std::string text;
    if (probe.kind == ProbeKind::exec) text = "exec " + shell_words(probe.command);
    if (probe.kind == ProbeKind::http) text = fmt::format("GET http://{}:{}{}", host, probe.port, probe.path);
    if (probe.kind == ProbeKind::tcp) text = fmt::format("tcp {}:{}", host, probe.port);
    text += fmt::format(" every {}s, timeout {}s, after {} failures", probe.period.count(), probe.timeout.count(),
                        probe.failure_threshold);
    if (probe.initial_delay.count()) text += fmt::format(", first after {}s", probe.initial_delay.count());
    if (probe.success_threshold != 1) text += fmt::format(", good after {}", probe.success_threshold);
    return text;
  }

  void order() {
    step("Start");
    std::vector<std::string> together;
    for (const Container& each : plan_.containers) {
      if (each.kind == ContainerKind::main) together.push_back(each.name);
      if (each.kind == ContainerKind::init) line(1, "{}, and wait for its end", each.name);
      if (each.kind != ContainerKind::sidecar) continue;
      line(1, "{}, and wait until it has started{}", each.name, each.startup ? " (startup probe)" : "");
    }
    line(1, "{}", joined(together, ", "));
  }

  const Plan& plan_;
  std::string out_;
  int step_ = 0;
};

}  // namespace

std::string print_plan(const Plan& plan) {
  const Plan shown = masked(plan);
  return Printer(shown).all();
}

}  // namespace tandem::plan
