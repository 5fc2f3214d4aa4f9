// tandem-log with a config of any sources, and receivers that it sends to.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/log/receiver.hpp"
#include "tests/support/servers.hpp"

namespace tandem::test {

class SourcesRun {
 public:
  // `config` is YAML without state and admin; "DIR" in it stands for directory(), "PORT" for a free port.
  explicit SourcesRun(std::string config);

  fs::path directory() const { return directory_.path(); }
  fs::path spool() const { return directory() / "state/spool/in"; }
  int port() const { return port_; }
  void start(const std::string& standard_input = "");  // a file; empty: none
  void start_limited(const std::string& first);        // after that command of the shell, as "ulimit -n 128"
  void kill();
  void reload();  // SIGHUP
  ExitStatus terminate();
  ExitStatus wait();  // for it to end by itself
  std::string output() const;
  std::string ask(const std::string& path) const;  // of the admin port; empty: no answer
  double metric(const std::string& series) const;  // -1: no such series
  bool running() { return child_->running(); }
  int pid() const { return child_->pid(); }
  int admin_port() const { return admin_port_; }

 private:
  void start_command(std::vector<std::string> command);

  TemporaryDirectory directory_;
  int admin_port_ = free_port(), port_ = free_port();
  std::unique_ptr<Child> child_;
};

std::string http_sink(const std::string& name, const Receiver& receiver);

// Of the records that came: those fields' values, in order of arrival. A field that is absent gives "-".
std::vector<std::string> values(const Receiver& receiver, const std::string& field);

// Bytes to 127.0.0.1 or to a Unix socket's path, as a stream; an open connection.
unique_fd connect_stream(int port);
unique_fd connect_stream(const fs::path& path);
// One datagram.
void send_datagram(int port, const std::string& bytes);

// logger(1); what is wrong with it otherwise.
std::string run_logger(std::vector<std::string> arguments);

}  // namespace tandem::test
