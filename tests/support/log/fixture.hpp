// A pod's log folder, the program that follows it, and a writer that rotates.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/log/receiver.hpp"
#include "tests/support/servers.hpp"

namespace tandem::test {

// Numbered lines appended to a file, one write(2) each, as a program's logger does.
class Writer {
 public:
  explicit Writer(fs::path path);
  void write(int lines);
  void reopen();  // after a rename
  void rotate_by_rename(int keep);
  void rotate_by_copy(int keep);  // copytruncate, with nothing written in between
  int written() const { return written_; }
  const fs::path& path() const { return path_; }

 private:
  void shift(int keep);
  fs::path path_;
  unique_fd file_;
  int written_ = 0;
};

class LogRun {
 public:
  // `sinks` and `more` are lines of the config; "DIR" in them stands for directory().
  LogRun(const std::string& sinks, const std::string& more = "");

  const fs::path& directory() const { return directory_.path(); }
  fs::path logs() const { return directory_.path() / "logs"; }
  fs::path output() const { return directory_.path() / "output"; }  // of the program: stderr and stdout
  int admin_port() const { return admin_port_; }

  void start(const std::vector<std::string>& wrapper = {});  // `wrapper` goes before the program: setpriv ...
  void kill();                                               // SIGKILL
  ExitStatus terminate();                                    // SIGTERM, and waits
  Child& child() { return *child_; }

  std::string ask(const std::string& path) const;  // the admin port's answer, body only; empty when there is none
  double metric(const std::string& series) const;  // -1: no such series

 private:
  TemporaryDirectory directory_;
  int admin_port_ = free_port();
  std::unique_ptr<Child> child_;
};

// What is wrong with what came, compared with lines 0..written-1 of the writer: lost, repeated, never written. Empty:
// all is well.
std::string compare(const std::map<std::string, int>& messages, int written);
std::string line_of(int number);

}  // namespace tandem::test
