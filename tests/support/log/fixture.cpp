#include "tests/support/log/fixture.hpp"

#include <iostream>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <sstream>

#include "core/os/check.hpp"
#include "core/os/files.hpp"

namespace tandem::test {

std::string line_of(int number) {
  return fmt::format("line {:07} {}", number, std::string(static_cast<std::size_t>(number % 97), 'x'));
}

Writer::Writer(fs::path path) : path_(std::move(path)) { reopen(); }

void Writer::reopen() { file_ = open_file(path_, O_WRONLY | O_APPEND | O_CREAT, 0644); }

void Writer::write(int lines) {
  for (int i = 0; i < lines; ++i) write_all(file_.get(), line_of(written_++) + "\n", path_);
}

void Writer::shift(int keep) {
  fs::remove(fmt::format("{}.{}", path_.string(), keep));
  for (int i = keep - 1; i >= 1; --i)
    ::rename(fmt::format("{}.{}", path_.string(), i).c_str(), fmt::format("{}.{}", path_.string(), i + 1).c_str());
}

void Writer::rotate_by_rename(int keep) {
  shift(keep);
  fs::rename(path_, path_.string() + ".1");
  reopen();
}

void Writer::rotate_by_copy(int keep) {
  shift(keep);
  fs::copy_file(path_, path_.string() + ".1");
  check([&] { return ::ftruncate(file_.get(), 0); }, "truncate", path_);
}

LogRun::LogRun(const std::string& sinks, const std::string& more) {
  make_directories(logs());
  // Sanitizers on a loaded machine need longer than the 25 s that a user has.
  const char* const drain = more.find("drain:") == std::string::npos ? "drain: {timeout: 150s}\n" : "";
  std::string config = fmt::format(
      "sources: [{{name: app, type: files, paths: [\"DIR/logs/*.log*\"]}}]\n"
      "state: {{dir: DIR/state}}\nadmin: {{listen: \"127.0.0.1:{}\"}}\n{}sinks:\n{}\n{}\n",
      admin_port_, drain, sinks, more);
  for (std::size_t at; (at = config.find("DIR")) != std::string::npos;) config.replace(at, 3, directory().string());
  write_file(directory() / "config.yaml", config);
}

void LogRun::start(const std::vector<std::string>& wrapper) {
  std::vector<std::string> command = wrapper;
  command.insert(command.end(),
                 {TANDEM_BINARY_DIR "/bin/tandem-log", "--config", (directory() / "config.yaml").string()});
  child_ = std::make_unique<Child>(
      command, output(), std::map<std::string, std::string>{{"POD_NAME", "web-1"}, {"POD_NAMESPACE", "shop"}});
  if (!wait_until([&] { return can_connect(admin_port_); }))
    throw Error(Fault::bug, "start", "tandem-log", "it does not listen: " + read_file_if_exists(output()).value_or(""));
}

void LogRun::kill() {
  child_->signal(SIGKILL);
  child_->wait();
}

ExitStatus LogRun::terminate() {
  child_->signal(SIGTERM);
  const ExitStatus status = child_->wait(std::chrono::minutes(3));
  if (status.code != 0)
    std::cerr << "tandem-log ended with " << to_string(status) << ":\n" << read_file_if_exists(output()).value_or("");
  return status;
}

std::string LogRun::ask(const std::string& path) const {
  const unique_fd connection(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(admin_port_));
  if (::connect(connection.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return "";
  write_all(connection.get(), "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "admin");
  std::string answer;
  char buffer[16 * 1024];
  for (ssize_t count; (count = ::recv(connection.get(), buffer, sizeof buffer, 0)) > 0;)
    answer.append(buffer, static_cast<std::size_t>(count));
  const auto body = answer.find("\r\n\r\n");
  return body == std::string::npos ? "" : answer.substr(body + 4);
}

double LogRun::metric(const std::string& series) const {
  std::istringstream text(ask("/metrics"));
  for (std::string line; std::getline(text, line);)
    if (line.starts_with(series + " ")) return std::stod(line.substr(series.size() + 1));
  return -1;
}

std::string compare(const std::map<std::string, int>& messages, int written) {
  std::string wrong;
  int lost = 0, repeated = 0, strange = 0;
  std::size_t found = 0;
  for (int i = 0; i < written; ++i) {
    const auto at = messages.find(line_of(i));
    if (at == messages.end()) {
      if (++lost <= 3) wrong += "lost: " + line_of(i).substr(0, 12) + "\n";
      continue;
    }
    ++found;
    if (at->second > 1 && ++repeated <= 3)
      wrong += std::to_string(at->second) + " times: " + line_of(i).substr(0, 12) + "\n";
  }
  strange = static_cast<int>(messages.size() - found);
  if (lost + repeated + strange)
    wrong += fmt::format("{} lost, {} repeated, {} never written, of {}", lost, repeated, strange, written);
  return wrong;
}

}  // namespace tandem::test
