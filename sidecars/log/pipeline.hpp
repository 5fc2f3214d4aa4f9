// One sink and everything before it: its own tailer with its own positions, so that a sink that is away holds up no
// other. The driver between the Tailer, the kernel's notifications, and the Sink.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "core/run/service.hpp"
#include "sidecars/log/main_end.hpp"
#include "sidecars/log/position_store.hpp"
#include "sidecars/log/settings.hpp"
#include "sidecars/log/settlement.hpp"
#include "sidecars/log/sinks/sink.hpp"
#include "sidecars/log/tailer.hpp"
#include "sidecars/log/watch.hpp"

namespace tandem::shipper {

// What is left when the time to drain is over.
struct Leftover {
  std::uint64_t bytes = 0;
  std::size_t files = 0;
  std::string example;  // one of their paths
};

class Pipeline {
 public:
  Pipeline(const Settings& settings, const SinkSettings& sink, run::Context& context);

  // Ends after drain(), when all is shipped or the deadline has passed; or soon after stop().
  net::awaitable<void> run();
  void drain();  // no more is awaited: what there is is shipped
  void retry_now();
  // Goes on with another config: files stay open, and what the old sink has not taken goes to the new one. `options`
  // are tailer_options() of it, whose making may fail.
  void reconfigure(const Settings& settings, const SinkSettings& sink, TailerOptions options);
  void stop();  // its sink is not wanted any more; the positions stay on disk
  Leftover leftover() const;
  void look(PodSight& sight) const;  // adds what its tailer sees

  const std::string& name() const { return settings_.name; }
  std::string problem() const;  // why it cannot do its job now; empty: it does
  const Tailer& tailer() const { return *tailer_; }
  std::size_t in_flight() const { return in_flight_; }

 private:
  using Clock = std::chrono::steady_clock;

  net::awaitable<void> deliver(std::unique_ptr<Batch> batch);
  void open_sink();
  net::awaitable<void> watch_files();
  net::awaitable<void> retry_pause(std::chrono::milliseconds pause);
  void fill();
  void pump();
  bool gathers();
  void rescan();
  void wake();
  bool is_drained(bool last_moment);
  Clock::time_point next_poll() const;
  Clock::time_point next_rescan() const;
  Clock::time_point next_wake() const;

  SinkSettings settings_;
  std::chrono::milliseconds poll_, deadline_after_;
  run::Context* context_;
  std::unique_ptr<PositionStore> store_;
  std::unique_ptr<Tailer> tailer_;
  std::shared_ptr<Sink> sink_;
  std::optional<Settlement> settlement_;
  Watch watch_;
  asio::posix::stream_descriptor inotify_;
  asio::steady_timer wake_;
  std::list<asio::steady_timer> pauses_;
  std::minstd_rand random_;
  const std::shared_ptr<void> life_ = std::make_shared<char>();  // for who may wake up when this is gone
  bool woken_ = false, rescan_due_ = true, ended_ = false, stopped_ = false;
  std::size_t in_flight_ = 0, file_problems_ = 0;
  bool look_due_ = false;  // something was written, and nobody has looked how much
  Clock::time_point last_scan_{}, last_poll_{}, gather_until_{}, next_look_{};
  Clock::time_point drain_deadline_ = Clock::time_point::max();
  Clock::duration scan_cost_{};
  std::string watch_problem_;
};

}  // namespace tandem::shipper
