// HTTP and TCP probes, non-blocking, from the network namespace this process is in.
#pragma once

#include <functional>
#include <string>

#include "core/os/unique_fd.hpp"
#include "pods/plan/plan.hpp"
#include "pods/supervise/event_loop.hpp"

namespace tandem::supervise {

class NetworkProbe {
 public:
  using Done = std::function<void(bool ok, std::string output)>;

  // `pod_address` where the probe names no host. HTTP: codes 200 to 399 are a success; redirects are not followed.
  // `done` runs once, always from the loop; it may destroy this.
  NetworkProbe(EventLoop& loop, const plan::Probe& probe, const std::string& pod_address, Done done);
  ~NetworkProbe();
  NetworkProbe(const NetworkProbe&) = delete;
  NetworkProbe& operator=(const NetworkProbe&) = delete;

 private:
  void connect(const std::string& host, int port);
  void on_connected();
  void on_writable();
  void on_readable();
  void finish(bool ok, std::string output);

  EventLoop& loop_;
  std::string target_, request_, response_;
  bool http_;
  Done done_;
  unique_fd socket_;
  EventLoop::Timer timer_ = 0;
};

}  // namespace tandem::supervise
