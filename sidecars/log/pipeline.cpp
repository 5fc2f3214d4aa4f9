#include "sidecars/log/pipeline.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <utility>

#include "core/observe/log.hpp"
#include "core/os/error.hpp"
#include "sidecars/log/assembly.hpp"

namespace tandem::shipper {
namespace {

using namespace std::chrono_literals;

constexpr auto busy_poll = 250ms;  // when something is not reported by the kernel
constexpr auto drain_poll = 50ms;
// A batch costs much the same with one line in it as with fifty: writes that follow each other faster are one piece of
// news. The first after a pause waits for nobody. Where this does not suffice to leave nine tenths of a core to others,
// news waits longer.
constexpr std::chrono::microseconds news_apart = 500us, news_apart_at_most = 2ms;
constexpr int rest_per_look = 9;

std::int64_t wall_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::chrono::nanoseconds thread_time() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

}  // namespace

Pipeline::Pipeline(const Settings& settings, const SinkSettings& sink, run::Context& context)
    : settings_(sink),
      poll_(settings.poll),
      deadline_after_(settings.shutdown_deadline),
      context_(&context),
      store_(std::make_unique<PositionStore>(settings.state_dir, sink.name)),
      inotify_(context.io()),
      wake_(context.io()),
      random_(std::random_device{}()) {
  std::vector<std::string> complaints;
  Positions positions = store_->load(complaints);
  for (const auto& complaint : complaints)
    observe::log_error("the positions on disk", {{"sink", sink.name}, {"problem", complaint}});
  tailer_ = std::make_unique<Tailer>(tailer_options(settings, sink, context.metrics()), *store_, std::move(positions));
  settlement_.emplace(settings, sink, *tailer_, context.metrics());
  open_sink();
  if (watch_.works()) inotify_.assign(::fcntl(watch_.fd(), F_DUPFD_CLOEXEC, 3));
}

void Pipeline::open_sink() {
  sink_ = settings_.make(settings_, SinkContext{context_->io(), context_->metrics(),
                                                [this](const std::string& mark) { tailer_->set_sink_mark(mark); }});
  sink_->recover(tailer_->sink_mark());
}

void Pipeline::reconfigure(const Settings& settings, const SinkSettings& sink, TailerOptions options) {
  settings_ = sink;
  poll_ = settings.poll;
  deadline_after_ = settings.shutdown_deadline;
  settlement_->reconfigure(settings, sink);
  tailer_->reconfigure(std::move(options));
  try {
    open_sink();
  } catch (const Error& error) {  // the sink tries again with each batch
    observe::log_error("the sink cannot be opened", {{"sink", sink.name}, {"problem", error.what()}});
  }
  rescan_due_ = true;
  gather_until_ = {};
  for (auto& pause : pauses_) pause.cancel();
  wake();
}

void Pipeline::drain() {
  drain_deadline_ = std::min(Clock::now() + deadline_after_, context_->drain_deadline() - 300ms);
  tailer_->finish();
  rescan_due_ = true;
  retry_now();
  wake();
}

void Pipeline::retry_now() {
  for (auto& pause : pauses_) pause.cancel();
}

void Pipeline::stop() {
  stopped_ = true;
  for (auto& pause : pauses_) pause.cancel();
  wake();
}

void Pipeline::wake() {
  woken_ = true;
  wake_.cancel();
}

void Pipeline::rescan() {
  const auto begin = Clock::now();
  rescan_due_ = false;
  tailer_->scan(begin, wall_ns() / 1'000'000'000);
  const std::string problem = watch_.set(tailer_->directories());
  if (!problem.empty() && problem != watch_problem_)
    observe::log_warning("some directories are only polled", {{"sink", settings_.name}, {"problem", problem}});
  watch_problem_ = problem;
  const auto& unopened = tailer_->open_problems();
  if (unopened.size() > 0 && file_problems_ == 0)
    observe::log_warning("files or directories cannot be read now",
                         {{"sink", settings_.name},
                          {"count", static_cast<std::uint64_t>(unopened.size())},
                          {"problem", unopened.begin()->second}});
  file_problems_ = unopened.size();
  last_scan_ = Clock::now();
  scan_cost_ = last_scan_ - begin;
  watch_.forget_new([this](const std::string& path) { return tailer_->follows(path); });
  for (const auto& note : tailer_->take_notes()) observe::log_warning(note, {{"sink", settings_.name}});
}

// When to look at everything again though nobody woke us.
Pipeline::Clock::time_point Pipeline::next_poll() const {
  const bool often = tailer_->has_unlisted() || !tailer_->store_problem().empty() ||
                     !tailer_->open_problems().empty() || !watch_problem_.empty();
  Clock::duration pause = poll_;
  if (often) pause = std::min<Clock::duration>(pause, busy_poll);
  if (context_->draining()) pause = std::min<Clock::duration>(pause, drain_poll);
  return last_poll_ + pause;
}

// A scan of many files costs something: at most a fifth of the time goes into it.
Pipeline::Clock::time_point Pipeline::next_rescan() const {
  return last_scan_ + std::max<Clock::duration>(2ms, scan_cost_ * 4);
}

Pipeline::Clock::time_point Pipeline::next_wake() const {
  if (tailer_->is_unpacking()) return Clock::now();
  auto next = std::min({next_poll(), drain_deadline_, tailer_->next_due()});
  if (context_->draining()) next = std::min(next, Clock::now() + drain_poll);
  if (rescan_due_) next = std::min(next, next_rescan());
  if (gather_until_ != Clock::time_point{}) next = std::min(next, look_due_ ? next_look_ : gather_until_);
  return next;
}

// Whether more records are awaited before the next batch: from its first on until there are enough of them, for
// batch_wait at most. Looking at the sizes of many files costs something: at most a fifth of the time goes into it.
bool Pipeline::gathers() {
  if (settings_.batch_wait <= 0ms || context_->draining()) return false;
  const auto now = Clock::now();
  const bool waits = gather_until_ != Clock::time_point{};
  if (waits && now >= gather_until_) return false;
  look_due_ = waits && now < next_look_;
  if (look_due_) return true;
  const std::uint64_t bytes = tailer_->read_to_go_bytes();
  next_look_ = Clock::now() + std::max<Clock::duration>(5ms, (Clock::now() - now) * 4);
  if (bytes == 0 || bytes >= static_cast<std::uint64_t>(settings_.batch_bytes)) return false;
  if (!waits) gather_until_ = now + settings_.batch_wait;
  return true;
}

void Pipeline::fill() {
  const auto most = static_cast<std::size_t>(settings_.in_flight);
  while (in_flight_ < most && tailer_->has_work() && !stopped_) {
    if (gathers()) return;
    gather_until_ = {};
    auto batch = tailer_->next(Clock::now(), wall_ns());
    if (!batch) return;
    ++in_flight_;
    context_->spawn("deliver to " + settings_.name, deliver(std::move(batch)));
  }
}

void Pipeline::pump() {
  fill();
  if (!stopped_) tailer_->look(Clock::now());
}

net::awaitable<void> Pipeline::run() {
  if (watch_.works()) context_->spawn("watch for " + settings_.name, watch_files());
  for (;;) {
    const auto now = Clock::now();
    if (now >= next_poll()) {
      last_poll_ = now;
      rescan_due_ = true;
      tailer_->touch_all();
    }
    if (rescan_due_ && now >= next_rescan()) rescan();
    tailer_->touch_due(now);
    tailer_->unpack_some(now);
    pump();
    rescan_due_ = rescan_due_ || tailer_->wants_scan();
    const bool drains = drain_deadline_ != Clock::time_point::max();  // draining() alone: there may be more to come
    if (drains && is_drained(now >= drain_deadline_ - 500ms)) break;
    if (now >= drain_deadline_ || (stopped_ && in_flight_ == 0)) break;
    if (!woken_) {
      wake_.expires_at(next_wake());
      auto [cancelled] = co_await wake_.async_wait(net::as_result);
      static_cast<void>(cancelled);
    }
    woken_ = false;
  }
  ended_ = true;
  inotify_.close();
}

bool Pipeline::is_drained(bool last_moment) {
  if (in_flight_ > 0 || rescan_due_ || tailer_->has_work()) return false;
  for (const auto& account : tailer_->accounts()) {
    if (account.written <= account.acknowledged) continue;
    // A line that somebody is still writing is left for the successor, but not before the last moment.
    if (!(last_moment && account.unterminated == account.written - account.acknowledged)) return false;
  }
  return true;
}

Leftover Pipeline::leftover() const {
  Leftover left;
  for (const auto& account : tailer_->accounts()) {
    const std::uint64_t bytes =
        account.written - std::min(account.written, account.acknowledged + account.unterminated);
    if (bytes == 0) continue;
    left.bytes += bytes;
    ++left.files;
    left.example = account.path;
  }
  return left;
}

void Pipeline::look(PodSight& sight) const {
  sight.activity += tailer_->counts().batches + tailer_->counts().truncations + tailer_->unacknowledged_bytes();
  sight.settled = sight.settled && in_flight_ == 0 && !tailer_->is_unpacking() && leftover().bytes == 0;
  const WriterSurvey survey = tailer_->survey_writers();
  sight.writers.written += survey.written;
  sight.writers.writers += survey.writers;
  sight.writers.unknown += survey.unknown;
  if (survey.unknown > 0) sight.writers.unknown_path = survey.unknown_path;
}

net::awaitable<void> Pipeline::watch_files() {
  const std::weak_ptr<void> life = life_;
  asio::steady_timer rest(context_->io());
  std::chrono::nanoseconds used = thread_time();
  for (Clock::time_point next{}; !ended_;) {
    auto [failed] = co_await inotify_.async_wait(asio::posix::stream_descriptor::wait_read, net::as_result);
    if (failed || life.expired() || ended_) co_return;
    if (Clock::now() < next && !context_->draining()) {
      rest.expires_at(next);
      auto [cancelled] = co_await rest.async_wait(net::as_result);
      if (cancelled || life.expired() || ended_) co_return;
    }
    const auto work = thread_time() - std::exchange(used, thread_time());
    next = Clock::now() + std::clamp<Clock::duration>(work * rest_per_look, news_apart, news_apart_at_most);
    const Changes changes = watch_.read([this](const std::string& path) { return tailer_->takes(path); });
    for (const auto& path : changes.gone) tailer_->miss(path);
    for (const auto& path : changes.written) tailer_->touch(path);
    if (changes.everything) tailer_->touch_all();
    rescan_due_ = rescan_due_ || changes.rescan;
    if (changes.rescan || tailer_->has_work()) wake();
  }
}

net::awaitable<void> Pipeline::retry_pause(std::chrono::milliseconds pause) {
  auto timer = pauses_.emplace(pauses_.end(), context_->io());
  timer->expires_after(context_->draining() ? std::min<std::chrono::milliseconds>(pause, 500ms) : pause);
  auto [cancelled] = co_await timer->async_wait(net::as_result);
  static_cast<void>(cancelled);
  pauses_.erase(timer);
}

net::awaitable<void> Pipeline::deliver(std::unique_ptr<Batch> batch) {
  std::uniform_real_distribution<double> chance(0, 1);
  const auto sink = sink_;
  for (unsigned attempt = 0;; ++attempt) {
    Outcome outcome;  // nothing to send is delivered
    if (batch->records > 0) outcome = co_await sink->write(*batch);
    if (ended_) co_return;
    if (settlement_->settle(*batch, outcome)) break;
    if (sink == sink_ && !stopped_) {
      const auto pause = retry_delay(outcome, attempt, chance(random_));
      co_await retry_pause(pause);
      if (ended_) co_return;
    }
    if (sink == sink_ && !stopped_) continue;
    tailer_->put_back(*batch);
    break;
  }
  --in_flight_;
  wake();
}

std::string Pipeline::problem() const {
  if (!tailer_->store_problem().empty()) return "the positions cannot be written: " + tailer_->store_problem();
  if (const std::string problem = settlement_->problem(); !problem.empty()) return problem;
  if (!tailer_->open_problems().empty()) return tailer_->open_problems().begin()->second;
  if (const auto files = tailer_->unfollowed_files(); files > 0)
    return std::to_string(files) + " files are not followed: limits.files or limits.fileNames is reached";
  return "";
}

}  // namespace tandem::shipper
