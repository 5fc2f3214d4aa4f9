// One run of a helper: its loop, its service, signals, drain, reload and end.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>

#include "core/net/asio.hpp"
#include "core/os/unique_fd.hpp"
#include "core/run/listener_limits.hpp"
#include "core/run/load.hpp"
#include "core/run/service.hpp"

namespace tandem::run {

class Running final : public Context {
 public:
  // `reread` gives the config anew for SIGHUP. The signals are blocked by now and wait in `signals` (a signalfd).
  Running(const Program& program, Document config, unique_fd signals, std::function<Document(Problems&)> reread);
  int run();                                      // the exit code
  bool all_ended() const { return alive_ == 0; }  // false after run(): something did not end when it was cancelled

  asio::io_context& io() override { return io_; }
  observe::Metrics& metrics() override { return metrics_; }
  net::HttpServer& admin() override { return admin_; }
  bool draining() const override { return draining_; }
  net::awaitable<void> drain_requested() override;
  void on_drain(std::function<void()> call) override;
  std::chrono::steady_clock::time_point drain_deadline() const override { return drain_deadline_; }
  void begin_drain(const std::string& why) override;
  void spawn(std::string name, net::awaitable<void> work) override;

 private:
  struct Task {
    std::string name;
    asio::cancellation_signal cancel;
  };

  void start(std::string name, net::awaitable<void> work, std::function<void()> ended);
  void run_loop();
  void end(int code);  // the first one counts
  void take_signal(const std::string& name);
  void reload();
  void wind_up();
  Readiness readiness() const;
  net::awaitable<void> watch_signals();
  net::awaitable<void> watch_deadline();

  const Program& program_;
  Document config_;
  CommonSettings common_;
  std::function<Document(Problems&)> reread_;

  asio::io_context io_{1};
  observe::Metrics metrics_;
  net::HttpServer admin_;
  ListenerLimits admin_limits_;
  asio::posix::stream_descriptor signals_;
  asio::steady_timer drain_;
  std::chrono::steady_clock::time_point drain_deadline_ = std::chrono::steady_clock::time_point::max();
  bool draining_ = false, signalled_ = false;
  std::list<std::function<void()>> drain_calls_;
  std::list<Task> tasks_;
  std::size_t alive_ = 0;
  std::optional<int> exit_code_;
  std::unique_ptr<Service> service_;
};

}  // namespace tandem::run
