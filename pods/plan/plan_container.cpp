#include <csignal>
#include <cstring>

#include "core/os/error.hpp"
#include "pods/plan/expand.hpp"
#include "pods/plan/planning.hpp"

namespace tandem::plan {

namespace {

std::vector<std::string> plan_command(const Planning& planning, const manifest::Container& container,
                                      const image::Image* image, const std::vector<EnvironmentEntry>& variables) {
  std::vector<std::string> argv;
  const auto add = [&](const std::vector<std::string>& words, const char* field) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      argv.push_back(field ? expand(words[i], variables).text : words[i]);
      if (argv.back().find('\0') == std::string::npos) continue;
      planning.error(field ? manifest::item(container.path + "." + field, i) : container.path + ".image",
                     "a word of the command has a zero byte in it");
    }
  };
  if (!container.command.empty()) {
    add(container.command, "command");
    add(container.args, "args");
  } else {
    if (image) add(image->entrypoint, nullptr);
    if (!container.args.empty()) {
      add(container.args, "args");
    } else if (image) {
      add(image->command, nullptr);
    }
  }
  const manifest::Source& source = planning.pod.source;
  if (argv.empty() && image && !source.refused(container.path + ".command") &&
      !source.refused(container.path + ".args")) {
    planning.error(container.path, "has no command, and its image \"" + container.image + "\" has none either",
                   "write one under command");
  }
  return argv;
}

RestartPolicy plan_restart(const std::string& pod_policy, ContainerKind kind) {
  if (kind == ContainerKind::sidecar) return RestartPolicy::always;
  if (pod_policy == "Never") return RestartPolicy::never;
  if (kind == ContainerKind::init || pod_policy == "OnFailure") return RestartPolicy::on_failure;
  return RestartPolicy::always;
}

std::optional<Probe> plan_probe(const std::optional<manifest::Probe>& probe) {
  if (!probe) return std::nullopt;
  Probe out;
  using Kind = manifest::Probe::Kind;
  out.kind = probe->kind == Kind::exec ? ProbeKind::exec : probe->kind == Kind::http ? ProbeKind::http : ProbeKind::tcp;
  out.command = probe->command;
  out.host = probe->kind == Kind::http ? probe->http.host : probe->tcp_host;
  out.port = probe->port;
  out.path = probe->http.path.starts_with('/') ? probe->http.path : "/" + probe->http.path;
  out.headers = probe->http.headers;
  out.initial_delay = seconds(probe->initial_delay_seconds);
  out.period = seconds(probe->period_seconds);
  out.timeout = seconds(probe->timeout_seconds);
  out.success_threshold = probe->success_threshold;
  out.failure_threshold = probe->failure_threshold;
  if (probe->termination_grace_period_seconds) {
    out.termination_grace_period = seconds(*probe->termination_grace_period_seconds);
  }
  return out;
}

// "15", "QUIT", "SIGQUIT" -> "SIGQUIT"; an image's config may have any of them.
std::string signal_name(const std::string& text) {
  if (text.empty()) return "SIGTERM";
  if (text.find_first_not_of("0123456789") == std::string::npos) {
    const char* name = text.size() < 3 ? sigabbrev_np(std::stoi(text)) : nullptr;
    return name ? std::string("SIG") + name : "SIGTERM";
  }
  return text.starts_with("SIG") ? text : "SIG" + text;
}

void check_signal(const Planning& planning, const manifest::Container& container, const std::string& name) {
  if (name.starts_with("SIGRTM")) return;
  for (int number = 1; number < NSIG; ++number) {
    const char* known = sigabbrev_np(number);
    if (known && name == std::string("SIG") + known) return;
  }
  planning.error(container.path + (container.stop_signal.empty() ? ".image" : ".lifecycle.stopSignal"),
                 "\"" + name + "\" is no signal");
}

// Nullopt: a problem.
std::optional<image::Image> find_image(const Planning& planning, const manifest::Container& container) {
  const std::string path = container.path + ".image";
  if (container.image.empty()) return std::nullopt;  // the decoder has said so
  try {
    auto image = planning.host.find_image(container.image);
    if (!image)
      planning.missing_image(path, "there is no image \"" + container.image + "\" in the store",
                             "`tandem image ls` lists what is there, `tandem image pack` makes one");
    return image;
  } catch (const Error& error) {
    planning.error(path, error.what());
    return std::nullopt;
  }
}

// What only the image could say.
std::vector<std::string> unknown_without_image(const Planning& planning, const manifest::Container& container) {
  const manifest::PodSecurityContext& pod = planning.pod.spec.security;
  std::vector<std::string> unknown{"imageID", "layers"};
  if (container.command.empty()) unknown.push_back("argv");
  unknown.push_back("environment");
  if (container.working_dir.empty()) unknown.push_back("workingDirectory");
  if (!container.security.run_as_user && !pod.run_as_user) unknown.push_back("identity.uid");
  if (!container.security.run_as_group && !pod.run_as_group) unknown.push_back("identity.gid");
  if (container.stop_signal.empty()) unknown.push_back("stopSignal");
  return unknown;
}

}  // namespace

Container plan_container(const Planning& planning, const manifest::Container& container, ContainerKind kind) {
  const DeclaredEnvironment declared = declared_environment(planning, container);
  std::vector<Mount> mounts = plan_mounts(planning, container, declared);
  const std::optional<image::Image> found = find_image(planning, container);
  const image::Image* image = found ? &*found : nullptr;
  Container out;
  out.name = container.name;
  out.kind = kind;
  out.restart = plan_restart(planning.pod.spec.restart_policy, kind);
  out.image = container.image;
  if (image) {
    out.image_id = image->id;
    out.layers = image->layers;
  } else {
    out.unknown = unknown_without_image(planning, container);
  }
  out.argv = plan_command(planning, container, image, declared.entries);
  const Account account = plan_account(planning, container, image);
  out.identity = account.identity;
  out.environment = whole_environment(planning, declared.entries, image, account.home);
  out.working_directory = !container.working_dir.empty()               ? container.working_dir
                          : image && !image->working_directory.empty() ? image->working_directory
                                                                       : "/";
  out.security = plan_security(planning.pod.spec, container);
  out.resources = plan_resources(planning, container, kind);
  out.mounts = std::move(mounts);
  out.startup = plan_probe(container.startup);
  out.readiness = plan_probe(container.readiness);
  out.liveness = plan_probe(container.liveness);
  out.stop_signal = signal_name(!container.stop_signal.empty() ? container.stop_signal
                                : image                        ? image->stop_signal
                                                               : "");
  check_signal(planning, container, out.stop_signal);
  out.pre_stop = container.pre_stop;
  out.post_start = container.post_start;
  out.termination_message_path = container.termination_message_path;
  if (container.message_from_log) out.termination_message_policy = TerminationMessagePolicy::fallback_to_logs_on_error;
  return out;
}

}  // namespace tandem::plan
