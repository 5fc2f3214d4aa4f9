#include "tests/support/machine.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/state/layout.hpp"
#include "tests/support/own_network.hpp"

namespace tandem::test {

using Json = nlohmann::json;

Machine::Machine(const fs::path& images) {
  ::setenv("TANDEM_ROOT", root_.path().c_str(), 1);
  if (images.empty()) return;
  make_directories(root_ / "lib");
  fs::create_directory_symlink(images, root_ / "lib" / "images");
}

Machine::~Machine() {
  try {
    const Json pods = Json::parse(tandem({"get", "pods", "-A", "-o", "json"}).output, nullptr, false);
    if (pods.is_object())
      for (const auto& pod : pods.value("items", Json::array()))
        tandem({"delete", "pod", pod["metadata"]["name"], "-n", pod["metadata"]["namespace"], "--grace-period", "1"});
    leftovers();  // what goes after the deletes' answers does so before its directory goes
  } catch (const std::exception& error) {
    std::cerr << "cleaning up: " << error.what() << '\n';
  }
}

CommandResult Machine::tandem(std::vector<std::string> arguments, const std::string& input,
                              std::chrono::seconds limit) const {
  arguments.insert(arguments.begin(), std::string(TANDEM_BINARY_DIR) + "/bin/tandem");
  return run_command(arguments, input, limit);
}

std::string Machine::ok(std::vector<std::string> arguments, const std::string& input) const {
  const CommandResult result = tandem(arguments, input);
  if (result.status == ExitStatus{}) return result.output;
  std::string words;
  for (const auto& argument : arguments) words += " " + argument;
  throw std::runtime_error("tandem" + words + ": " + to_string(result.status) + "\n" + result.output + result.errors);
}

Json Machine::pod(const std::string& name) const {
  const CommandResult result = tandem({"get", "pod", name, "-o", "json"});
  return result.status == ExitStatus{} ? Json::parse(result.output) : Json();
}

std::string Machine::pod_ip(const std::string& name) const {
  const Json one = pod(name);
  return one.is_null() ? "" : one["status"].value("podIP", "");
}

pid_t Machine::process_of(const std::string& pod, const std::string& container) const {
  std::istringstream lines(tandem({"get", "pod", pod, "-o", "pids"}).output);
  std::string name, pid;
  while (lines >> name >> pid)
    if (name == container) return std::atoi(pid.c_str());
  return 0;
}

int Machine::restarts(const std::string& pod_name, const std::string& container) const {
  const Json one = pod(pod_name);
  if (one.is_null()) return -1;
  for (const char* list : {"initContainerStatuses", "containerStatuses"})
    for (const auto& status : one["status"].value(list, Json::array()))
      if (status["name"] == container) return status["restartCount"];
  return -1;
}

bool Machine::ready(const std::string& name) const {
  const Json one = pod(name);
  if (one.is_null()) return false;
  for (const auto& condition : one["status"].value("conditions", Json::array()))
    if (condition["type"] == "Ready") return condition["status"] == "True";
  return false;
}

std::vector<std::string> Machine::find_leftovers() const {
  std::vector<std::string> found;
  const auto add_lines_with = [&](const std::string& kind, const std::string& text, const std::string& word) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
      if (line.find(word) != std::string::npos) found.push_back(kind + ": " + line);
  };
  const std::string tag = "tandem";
  add_lines_with("mount", read_file("/proc/self/mountinfo"), root_.path().string());
  // The namespace is this test's own, so every interface but lo is Tandem's.
  for (const auto& line : {run_command({"ip", "-o", "link", "show"}).output}) {
    std::istringstream lines(line);
    for (std::string one; std::getline(lines, one);)
      if (one.find(": lo:") == std::string::npos && one.find("sit0") == std::string::npos &&
          one.find("tunl0") == std::string::npos)
        found.push_back("interface: " + one);
  }
  add_lines_with("firewall", run_command({"nft", "list", "tables"}).output, tag);
  const std::string parent = state::find_roots().cgroup_parent();
  for (const auto& hierarchy : list_directory("/sys/fs/cgroup"))
    if (fs::exists(fs::path("/sys/fs/cgroup") / hierarchy / parent))
      found.push_back("cgroup: " + hierarchy + "/" + parent);
  if (fs::exists(fs::path("/sys/fs/cgroup") / parent)) found.push_back("cgroup: " + parent);
  for (const auto& pid : list_directory("/proc")) {
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    std::string command;
    try {
      command = read_file_if_exists("/proc/" + pid + "/cmdline").value_or("");
    } catch (const Error&) {  // it ended while we looked
    }
    if (command.find(root_.path().string()) != std::string::npos) found.push_back("process: " + pid + " " + command);
  }
  return found;
}

std::string why_no_pods() {
  if (::geteuid() != 0) return "pods need root: namespaces, mounts, cgroups";
  if (find_program("busybox").empty()) return "busybox is not installed (Debian: busybox-static)";
  enter_own_network();
  return "";
}

std::string Machine::leftovers() const {
  std::string left;
  wait_until(
      [&] {
        left.clear();
        for (const auto& one : find_leftovers()) left += one + "\n";
        return left.empty();
      },
      std::chrono::seconds(5));
  return left;
}

namespace {

HttpAnswer exchange(const std::string& host, int port, const std::string& request) {
  const unique_fd socket(check([] { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }, "make socket"));
  const timeval limit{10, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  if (attempt([&] { return ::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address); }) < 0)
    return {};
  if (attempt([&] { return ::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL); }) < 0) return {};
  std::string answer;
  char buffer[16384];
  for (;;) {
    const auto count = attempt([&] { return ::recv(socket.get(), buffer, sizeof buffer, 0); });
    if (count < 0) return {};
    if (count == 0) break;
    answer.append(buffer, static_cast<std::size_t>(count));
  }
  HttpAnswer parsed;
  const std::size_t body = answer.find("\r\n\r\n");
  if (answer.size() < 12 || body == std::string::npos) return {};
  parsed.status = std::atoi(answer.c_str() + 9);
  parsed.body = answer.substr(body + 4);
  return parsed;
}

}  // namespace

// HTTP/1.0: the answer ends with the connection, and its body is not in chunks.
HttpAnswer http_get(const std::string& host, int port, const std::string& path) {
  return exchange(host, port, "GET " + path + " HTTP/1.0\r\nHost: " + host + "\r\n\r\n");
}

HttpAnswer http_post(const std::string& host, int port, const std::string& path, const std::string& body,
                     const std::string& type) {
  return exchange(host, port,
                  "POST " + path + " HTTP/1.0\r\nHost: " + host + "\r\nContent-Type: " + type +
                      "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

}  // namespace tandem::test
