#include "tests/integration/log-sources/run.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "tests/support/skip.hpp"

namespace tandem::test {

std::string reason_to_skip() { return find_program("logger").empty() ? "logger(1) is missing (bsdutils)" : ""; }

namespace {

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += with.size())
    text.replace(at, what.size(), with);
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

}  // namespace

SourcesRun::SourcesRun(std::string config) {
  make_directories(directory() / "logs");
  config += fmt::format("\nstate: {{dir: DIR/state}}\nadmin: {{listen: \"127.0.0.1:{}\"}}\n", admin_port_);
  replace_all(config, "DIR", directory().string());
  replace_all(config, "PORT", std::to_string(port_));
  write_file(directory() / "config.yaml", config);
}

void SourcesRun::start(const std::string& standard_input) {
  const std::string program = TANDEM_BINARY_DIR "/bin/tandem-log", config = (directory() / "config.yaml").string();
  std::vector<std::string> command = {program, "--config", config};
  if (!standard_input.empty())
    command = {"/bin/sh", "-c", "exec \"$0\" --config \"$1\" < \"$2\"", program, config, standard_input};
  start_command(std::move(command));
}

void SourcesRun::start_limited(const std::string& first) {
  start_command({"/bin/sh", "-c", first + "; exec \"$0\" --config \"$1\"", TANDEM_BINARY_DIR "/bin/tandem-log",
                 directory() / "config.yaml"});
}

void SourcesRun::start_command(std::vector<std::string> command) {
  // The admin port is there before the sockets are.
  const std::size_t before = output().size();
  child_ = std::make_unique<Child>(command, directory() / "output");
  if (!wait_until([&] { return output().find("\"started\"", before) != std::string::npos || !child_->running(); }))
    throw Error(Fault::bug, "start", "tandem-log", "it does not listen: " + output());
}

void SourcesRun::kill() {
  child_->signal(SIGKILL);
  child_->wait();
}

void SourcesRun::reload() { child_->signal(SIGHUP); }

ExitStatus SourcesRun::terminate() {
  child_->signal(SIGTERM);
  return wait();
}

ExitStatus SourcesRun::wait() { return child_->wait(); }

std::string SourcesRun::output() const { return read_file_if_exists(directory() / "output").value_or(""); }

std::string SourcesRun::ask(const std::string& path) const {
  const unique_fd connection(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(admin_port_);
  if (::connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return "";
  write_all(connection.get(), "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "admin");
  std::string answer;
  char buffer[16 * 1024];
  for (ssize_t count; (count = ::recv(connection.get(), buffer, sizeof buffer, 0)) > 0;)
    answer.append(buffer, static_cast<std::size_t>(count));
  const auto body = answer.find("\r\n\r\n");
  return body == std::string::npos ? "" : answer.substr(body + 4);
}

double SourcesRun::metric(const std::string& series) const {
  std::istringstream text(ask("/metrics"));
  for (std::string line; std::getline(text, line);)
    if (line.starts_with(series + " ")) return std::stod(line.substr(series.size() + 1));
  return -1;
}

std::string http_sink(const std::string& name, const Receiver& receiver) {
  return "- {name: " + name + ", type: http, url: \"" + receiver.url() + "\", batch: {maxBytes: 64Ki}}\n";
}

std::vector<std::string> values(const Receiver& receiver, const std::string& field) {
  std::vector<std::string> all;
  for (const auto& text : receiver.records()) {
    const auto record = nlohmann::json::parse(text, nullptr, false);
    const auto at = record.find(field);
    all.push_back(at == record.end() ? "-" : at->is_string() ? at->get<std::string>() : at->dump());
  }
  return all;
}

unique_fd connect_stream(int port) {
  unique_fd fd(check([&] { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }, "make", "a socket"));
  const sockaddr_in address = loopback(port);
  check([&] { return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address); }, "connect");
  return fd;
}

unique_fd connect_stream(const fs::path& path) {
  unique_fd fd(check([&] { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }, "make", "a socket"));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  check([&] { return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address); }, "connect");
  return fd;
}

void send_datagram(int port, const std::string& bytes) {
  const unique_fd fd(check([&] { return ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); }, "make", "a socket"));
  const sockaddr_in address = loopback(port);
  check(
      [&] {
        return ::sendto(fd.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&address),
                        sizeof address);
      },
      "send");
}

std::string run_logger(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), find_program("logger"));
  TemporaryDirectory directory;
  Child child(arguments, directory / "logger");
  const ExitStatus status = child.wait();
  return status.code == 0 ? "" : to_string(status) + read_file_if_exists(directory / "logger").value_or("");
}

}  // namespace tandem::test
