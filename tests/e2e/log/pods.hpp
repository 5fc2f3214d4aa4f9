// What these tests share: pods of a shell script that writes /logs/app.log and a tandem-log that ships it to a receiver
// of the test. The pods use the network of the host, which is the test's own.
#pragma once

#include <string>

#include "tests/support/log/receiver.hpp"
#include "tests/support/machine.hpp"

namespace tandem::test {

Machine& machine();  // made at the first call, with localhost/busybox and localhost/log packed

struct LogPod {
  std::string name, script;
  std::string restart_policy = "Never";
  std::string config;            // further lines of tandem-log's
  std::string url, sink;         // instead of the receiver's; further keys of the sink, each after a comma
  std::string files;             // a folder of the host, /files in tandem-log
  bool ordinary = false;         // tandem-log is a container beside main, not a native sidecar
  std::string resources = "{}";  // of main
  int user = 1000;               // of main; tandem-log's is 1000
};
// ConfigMap and Pod, for `tandem apply`.
std::string manifest_of(const LogPod& pod, const Receiver& receiver);

std::string phase_of(const std::string& pod);
// v1 ContainerStatus; null when there is none. "log" is found among the init containers too.
nlohmann::json status_of(const std::string& pod, const std::string& container);

// A shell loop that writes "line FROM" ... "line TO-1", one write(2) each.
std::string write_lines(int from, int to);
// What is wrong with what came, compared with "line 0" ... "line COUNT-1" once each. Empty: all is well.
std::string compare_lines(const Receiver& receiver, int count);

}  // namespace tandem::test
