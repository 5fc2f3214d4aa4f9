#include "sidecars/log/program.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <optional>

#include "core/net/timeout.hpp"
#include "core/observe/log.hpp"
#include "core/os/error.hpp"
#include "core/run/version.hpp"
#include "sidecars/log/assembly.hpp"
#include "sidecars/log/intakes.hpp"
#include "sidecars/log/main_end.hpp"
#include "sidecars/log/metrics.hpp"
#include "sidecars/log/pipeline.hpp"
#include "sidecars/log/reclaimer.hpp"
#include "sidecars/log/replay.hpp"
#include "sidecars/log/sample.hpp"

namespace tandem::shipper {
namespace {

using namespace std::chrono_literals;

// Every followed file stays open, so that deleting it loses nothing.
void allow_many_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int test_sample(const Document& config, const std::vector<std::string>& arguments) {
  Problems none;  // it was checked
  if (arguments.size() > 1) throw Error(Fault::user, "test", arguments[1], "one source at a time");
  const std::string sample{std::istreambuf_iterator<char>(std::cin), {}};
  show_sample(decode_settings(config, none), arguments.empty() ? "" : arguments[0], sample, stdout);
  return 0;
}

int replay_letters(const Document& config, const std::vector<std::string>& arguments) {
  Problems none;  // it was checked
  const Settings settings = decode_settings(config, none);
  return replay(settings, read_replay_options(settings, arguments), stdout);
}

class LogService : public run::Service {
 public:
  LogService(const Settings& settings, run::Context& context)
      : context_(&context),
        state_dir_(settings.state_dir),
        shutdown_deadline_(settings.shutdown_deadline),
        changed_(context.io()),
        tend_(context.io()),
        intakes_(context),
        reclaimer_(context.metrics()) {
    allow_many_files();
    intakes_.take(intakes_.prepare(settings), settings);
    reclaimer_.configure(settings);
    await_main(settings);
    for (const auto& sink : settings.sinks) pipelines_.push_back(std::make_shared<Pipeline>(settings, sink, context));
    context.metrics().on_collect([this] {
      for (const auto& pipeline : pipelines_) collect(*pipeline, context_->metrics(), shown_);
      intakes_.collect(context_->metrics());
    });
  }

  net::awaitable<void> run(run::Context& context) override {
    for (const auto& pipeline : pipelines_) begin(pipeline);
    context.spawn("reclaim", tend(this));
    context.on_drain([this] {
      intakes_.finish();
      if (intakes_.unwritten_bytes() > 0) {
        context_->spawn("write what was taken", write_and_drain(this));
      } else {
        drain_pipelines();
      }
    });
    while (running_ > 0) {
      const bool looks = main_end_ && !context.draining();
      if (looks && main_has_ended()) context.begin_drain("the main containers have ended");
      changed_.expires_at(looks ? Clock::now() + main_end_->look_every() : Clock::time_point::max());
      auto [cancelled] = co_await changed_.async_wait(net::as_result);
      static_cast<void>(cancelled);
    }
    report_leftover();
  }

  run::Readiness readiness() const override {
    for (const auto& pipeline : pipelines_)
      if (auto problem = pipeline->problem(); !problem.empty()) return {false, problem};
    if (auto problem = intakes_.problem(); !problem.empty()) return {false, problem};
    if (auto problem = reclaimer_.problem(); !problem.empty()) return {false, problem};
    return {};
  }

  // Sinks are the same when their names are. What a new one needs is made first: when that fails, nothing has changed.
  bool reload(const Document& config) override {
    if (context_->draining()) return false;
    Problems none;  // it was checked
    const Settings settings = decode_settings(config, none);
    if (settings.state_dir != state_dir_)
      throw Error(Fault::user, "reload", "state.dir", "it cannot change while running", "restart the container");
    std::vector<std::shared_ptr<Pipeline>> fresh, next;
    std::vector<TailerOptions> options;
    for (const auto& sink : settings.sinks) {
      auto known = find(sink.name);
      options.push_back(known ? tailer_options(settings, sink, context_->metrics()) : TailerOptions());
      next.push_back(known ? known : std::make_shared<Pipeline>(settings, sink, *context_));
      if (!known) fresh.push_back(next.back());
    }
    intakes_.take(intakes_.prepare(settings), settings);
    reclaimer_.configure(settings);
    for (const auto& pipeline : pipelines_) {
      if (std::find(next.begin(), next.end(), pipeline) != next.end()) continue;
      pipeline->stop();
      forget(pipeline->name(), context_->metrics(), shown_);
    }
    for (std::size_t i = 0; i < next.size(); ++i)
      if (find(next[i]->name())) next[i]->reconfigure(settings, settings.sinks[i], std::move(options[i]));
    pipelines_ = std::move(next);
    for (const auto& pipeline : fresh) begin(pipeline);
    await_main(settings);
    shutdown_deadline_ = settings.shutdown_deadline;
    changed_.cancel();
    tend_.cancel();
    return true;
  }

 private:
  using Clock = std::chrono::steady_clock;

  void await_main(const Settings& settings) {
    main_end_.reset();
    if (settings.exit_with_main) main_end_.emplace(settings.quiet);
  }

  bool main_has_ended() {
    PodSight sight;
    sight.settled = true;
    for (const auto& pipeline : pipelines_) pipeline->look(sight);
    intakes_.look(sight);
    const bool ended = main_end_->has_come(sight, Clock::now());
    if (const auto path = main_end_->take_doubt(); !path.empty())
      observe::log_warning(
          "whether the main containers have ended cannot be seen, so the program does not end with them",
          {{"file", path}, {"hint", "run as the same user, or with the capability LEASE"}});
    return ended;
  }

  void drain_pipelines() {
    for (const auto& pipeline : pipelines_) pipeline->drain();
  }

  // What was taken has its place on a full disk when the sinks have taken something else.
  static net::awaitable<void> write_and_drain(LogService* self) {
    const auto limit = std::min(Clock::now() + self->shutdown_deadline_ / 2, self->context_->drain_deadline() - 3s);
    for (const auto& pipeline : self->pipelines_) pipeline->retry_now();
    while (self->intakes_.unwritten_bytes() > 0 && Clock::now() < limit) {
      self->tend_.cancel();
      const bool waited = co_await net::sleep_for(100ms);
      if (!waited) break;
    }
    if (const std::size_t bytes = self->intakes_.unwritten_bytes(); bytes > 0)
      observe::log_error("what was taken cannot be written to the spool, and is lost",
                         {{"bytes", static_cast<std::uint64_t>(bytes)}, {"reason", self->intakes_.problem()}});
    self->drain_pipelines();
  }

  std::shared_ptr<Pipeline> find(const std::string& name) const {
    for (const auto& pipeline : pipelines_)
      if (pipeline->name() == name) return pipeline;
    return nullptr;
  }

  void begin(const std::shared_ptr<Pipeline>& pipeline) {
    ++running_;
    context_->spawn("ship to " + pipeline->name(), run_one(this, pipeline));
  }

  static net::awaitable<void> run_one(LogService* self, std::shared_ptr<Pipeline> pipeline) {
    co_await pipeline->run();
    --self->running_;
    self->changed_.cancel();
  }

  // Deletes what is shipped, now and then; sleeps when there is nothing of the kind.
  static net::awaitable<void> tend(LogService* self) {
    for (;;) {
      auto rest = self->reclaimer_.look(self->pipelines_);
      if (self->intakes_.count_spools()) rest = std::chrono::milliseconds(100);  // somebody waits for room
      if (self->intakes_.have_ended() && !self->context_->draining()) {
        if (self->reclaimer_.spools_are_shipped(self->pipelines_)) self->context_->begin_drain("stdin has ended");
        rest = std::chrono::milliseconds(20);
      }
      const bool never = rest == std::chrono::nanoseconds::max();
      self->tend_.expires_at(never ? Clock::time_point::max() : Clock::now() + rest);
      auto [cancelled] = co_await self->tend_.async_wait(net::as_result);
      static_cast<void>(cancelled);
      const auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) co_return;
    }
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

  run::Context* context_;
  std::string state_dir_;
  std::chrono::milliseconds shutdown_deadline_;
  asio::steady_timer changed_, tend_;
  std::size_t running_ = 0;
  std::vector<std::shared_ptr<Pipeline>> pipelines_;
  ShownFiles shown_;
  Intakes intakes_;
  Reclaimer reclaimer_;
  std::optional<MainEnd> main_end_;
};

}  // namespace

run::Program program() {
  run::Program program;
  program.name = "tandem-log";
  program.summary = "Follows log files of the pod and ships every line at least once.";
  program.version = run::version;
  program.config = config_keys();
  program.metrics = metric_table();
  program.check = [](const Document& config, Problems& problems) { decode_settings(config, problems); };
  program.commands = {
      {"test", "[SOURCE] < SAMPLE",
       "Shows what becomes of each line of SAMPLE, as if it were read from SOURCE (default: the first).", test_sample},
      {"replay", "FILE... [--sink NAME]",
       "Sends the records of dead-letter files to their sinks again, or to NAME; goes on where it was stopped.",
       replay_letters}};
  program.make = [](const Document& config, run::Context& context) -> std::unique_ptr<run::Service> {
    Problems none;  // it was checked
    return std::make_unique<LogService>(decode_settings(config, none), context);
  };
  return program;
}

}  // namespace tandem::shipper
