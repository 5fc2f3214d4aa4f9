#include "tests/e2e/log/pods.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace tandem::test {
namespace {

std::string indented(const std::string& text, std::size_t columns) {
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line);) out += std::string(columns, ' ') + line + "\n";
  return out;
}

}  // namespace

Machine& machine() {
  static Machine one;
  static const bool packed = [] {
    std::vector<std::string> pack{"image",        "pack",   "localhost/busybox", "--bin", find_program("busybox"),
                                  "--entrypoint", "/bin/sh"};
    for (const char* name : {"sh", "sleep", "touch", "rm"}) {
      pack.push_back("--link");
      pack.push_back(std::string("/usr/bin/") + name + ":busybox");
    }
    one.ok(pack);
    one.ok({"image", "pack", "localhost/log", "--bin", TANDEM_BINARY_DIR "/bin/tandem-log", "--user", "1000"});
    return true;
  }();
  static_cast<void>(packed);
  return one;
}

std::string manifest_of(const LogPod& pod, const Receiver& receiver) {
  const std::string config =
      "sources: [{name: app, type: files, paths: [\"/logs/*.log\"]}]\nstate: {dir: /state}\nsinks: [{name: out, type: "
      "http, url: \"" +
      (pod.url.empty() ? receiver.url() : pod.url) + "\"" + pod.sink + "}]\n" + pod.config;
  const std::string mount = pod.files.empty() ? "" : ", {name: files, mountPath: /files, readOnly: true}";
  const std::string volume = pod.files.empty() ? "" : "  - {name: files, hostPath: {path: \"" + pod.files + "\"}}\n";
  const std::string log = R"(- name: log
  image: localhost/log
  args: ["--config", "/etc/tandem/log.yaml"]
  volumeMounts: [{name: logs, mountPath: /logs}, {name: state, mountPath: /state}, {name: config, mountPath: /etc/tandem})" +
                          mount + "]\n" + std::string(pod.ordinary ? "" : "  restartPolicy: Always\n");
  return fmt::format(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {0}}}\ndata:\n  log.yaml: |\n{1}---\n"
      "apiVersion: v1\nkind: Pod\nmetadata: {{name: {0}}}\nspec:\n  hostNetwork: true\n  restartPolicy: {2}\n"
      "  terminationGracePeriodSeconds: 30\n  securityContext: {{runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000}}\n"
      "  volumes:\n  - {{name: logs, emptyDir: {{}}}}\n  - {{name: state, emptyDir: {{}}}}\n"
      "  - {{name: config, configMap: {{name: {0}}}}}\n{8}{3}  containers:\n  - name: main\n    image: "
      "localhost/busybox\n"
      "    resources: {4}\n    securityContext: {{runAsUser: {5}}}\n"
      "    volumeMounts: [{{name: logs, mountPath: /logs}}]\n    args:\n    - -c\n    - |\n{6}{7}",
      pod.name, indented(config, 4), pod.restart_policy, pod.ordinary ? "" : "  initContainers:\n" + indented(log, 2),
      pod.resources, pod.user, indented(pod.script, 6), pod.ordinary ? indented(log, 2) : "", volume);
}

std::string phase_of(const std::string& pod) {
  const auto object = machine().pod(pod);
  return object.is_null() ? "" : object["status"].value("phase", "");
}

nlohmann::json status_of(const std::string& pod, const std::string& container) {
  const auto object = machine().pod(pod);
  if (object.is_null()) return {};
  for (const char* list : {"initContainerStatuses", "containerStatuses"})
    for (const auto& status : object["status"].value(list, nlohmann::json::array()))
      if (status["name"] == container) return status;
  return {};
}

std::string write_lines(int from, int to) {
  return fmt::format("i={}; while [ $i -lt {} ]; do echo line $i; i=$((i+1)); done >> /logs/app.log\n", from, to);
}

std::string compare_lines(const Receiver& receiver, int count) {
  const auto messages = receiver.messages();
  int lost = 0, repeated = 0, first_lost = -1;
  for (int i = 0; i < count; ++i) {
    const auto at = messages.find("line " + std::to_string(i));
    if (at == messages.end() && ++lost == 1) first_lost = i;
    if (at != messages.end() && at->second > 1) ++repeated;
  }
  if (lost + repeated == 0) return "";
  return fmt::format("{} lost, the first of them {}; {} repeated; of {}", lost, first_lost, repeated, count);
}

}  // namespace tandem::test
