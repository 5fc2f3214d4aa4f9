#include "sidecars/log/program.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include "core/os/error.hpp"
#include "sidecars/log/metrics.hpp"
#include "sidecars/log/pipeline.hpp"

#ifndef TANDEM_VERSION
#define TANDEM_VERSION "0.1.0"
#endif

namespace tandem::shipper {
namespace {

// Every followed file stays open, so that deleting it loses nothing.
void allow_many_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

class LogService : public run::Service {
 public:
  LogService(const Settings& settings, run::Context& context) {
    allow_many_files();
    for (const auto& sink : settings.sinks) pipelines_.push_back(std::make_unique<Pipeline>(settings, sink, context));
    context.metrics().on_collect([this, metrics = &context.metrics()] {
      for (const auto& pipeline : pipelines_) collect(*pipeline, *metrics, shown_);
    });
  }

  net::awaitable<void> run(run::Context& context) override {
    asio::steady_timer all_ended(context.io(), asio::steady_timer::time_point::max());
    std::size_t running = pipelines_.size();
    for (auto& pipeline : pipelines_)
      context.spawn("ship to " + pipeline->name(), run_one(pipeline.get(), &running, &all_ended));
    while (running > 0) {
      auto [cancelled] = co_await all_ended.async_wait(net::as_result);
      static_cast<void>(cancelled);
    }
    report_leftover();
  }

  run::Readiness readiness() const override {
    for (const auto& pipeline : pipelines_)
      if (auto problem = pipeline->problem(); !problem.empty()) return {false, problem};
    return {};
  }

 private:
  static net::awaitable<void> run_one(Pipeline* pipeline, std::size_t* running, asio::steady_timer* all_ended) {
    co_await pipeline->run();
    if (--*running == 0) all_ended->cancel();
  }

  void report_leftover() const {
    for (const auto& pipeline : pipelines_) {
      const Leftover left = pipeline->leftover();
      if (left.bytes == 0) continue;
      throw Error(Fault::environment, "ship everything to", pipeline->name(),
                  fmt::format("{} bytes in {} files are left, one of them {}", left.bytes, left.files, left.example),
                  "they are shipped by the next tandem-log with the same state.dir");
    }
  }

  std::vector<std::unique_ptr<Pipeline>> pipelines_;
  ShownFiles shown_;
};

}  // namespace

run::Program program() {
  run::Program program;
  program.name = "tandem-log";
  program.summary = "Follows log files of the pod and ships every line at least once.";
  program.version = TANDEM_VERSION;
  program.config = config_keys();
  program.metrics = metric_table();
  program.check = [](const Document& config, Problems& problems) { decode_settings(config, problems); };
  program.make = [](const Document& config, run::Context& context) -> std::unique_ptr<run::Service> {
    Problems none;  // it was checked
    return std::make_unique<LogService>(decode_settings(config, none), context);
  };
  return program;
}

}  // namespace tandem::shipper
