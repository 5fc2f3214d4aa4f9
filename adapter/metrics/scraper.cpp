#include "adapter/metrics/scraper.hpp"

#include <algorithm>

#include "adapter/metrics/fetch.hpp"
#include "adapter/metrics/format.hpp"
#include "adapter/metrics/merge.hpp"
#include "core/net/timeout.hpp"
#include "core/observe/log.hpp"
#include "core/observe/mask.hpp"

namespace tandem::metrics {

using Clock = std::chrono::steady_clock;
using observe::MetricType;

namespace {

// What the adapter itself says about its sources, as one more page.
Page about_sources(const Scrape& scrape) {
  static const Labels none;
  PageBuilder builder(none);
  for (const auto& state : scrape.sources) {
    std::vector<std::pair<std::string, std::string>> labels = {{"source", state.source->name},
                                                               {"container", state.source->container}};
    auto add = [&](const char* name, const char* help, double value) {
      builder.add(name, Kind::gauge, help, labels, observe::format_number(value));
    };
    add("tandem_source_up", "Whether the source answered.", state.up);
    add("tandem_source_scrape_duration_seconds", "How long the source took.", state.seconds);
    add("tandem_source_samples", "Samples that the source gave.", static_cast<double>(state.page.samples()));
    add("tandem_source_problems", "Lines or fields of the source that could not be used.",
        static_cast<double>(state.page.problem_count));
  }
  return builder.finish();
}

// The adapter's own families on the page, which a source must not speak in.
void drop_reserved(Page& page) {
  std::erase_if(page.families, [&](const Family& family) {
    if (!family.name.starts_with("tandem_source_")) return false;
    page.leave_out("reserved", family.name.substr(0, 100) + ": the adapter's own names are left out");
    return true;
  });
}

// When all pages together are past `most`, the largest goes, until the rest fits. Whose page is no larger than its
// part, `most` by the number of sources, never has to.
void make_room(Scrape& scrape, std::size_t most) {
  for (;;) {
    std::size_t all = 0;
    Page* largest = nullptr;
    for (auto& state : scrape.sources) {
      all += state.page.bytes;
      if (!largest || state.page.bytes >= largest->bytes) largest = &state.page;
    }
    if (all <= most) return;
    largest->refuse("pageBytes", "all sources together have more to say than limits.pageBytes (" +
                                     std::to_string(most) + "), and this one the most");
  }
}

std::string shortened(std::string reason) {
  constexpr std::size_t longest = 500;
  return reason.size() > longest ? reason.substr(0, longest) + "..." : reason;
}

void add_up(Page& page, const Source& source, bool up) {
  if (!source.format->up_name) return;
  PageBuilder builder(source.labels);
  builder.add(source.format->up_name, Kind::gauge, "Whether the server answered.", {}, up ? "1" : "0");
  auto said = builder.finish();
  page.families.push_back(std::move(said.families.front()));
}

}  // namespace

const observe::MetricTable& scraper_metrics() {
  static const observe::MetricTable table = {
      {"tandem_metrics_scrapes_total", MetricType::counter, "Scrapes of all sources."},
      {"tandem_metrics_scrapes_shared_total", MetricType::counter, "Requests answered by a scrape that was running."},
      {"tandem_metrics_scrape_duration_seconds",
       MetricType::histogram,
       "Duration of a scrape of all sources.",
       {},
       {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}},
      {"tandem_metrics_page_bytes", MetricType::gauge, "Size of the last merged page."},
      {"tandem_metrics_sources", MetricType::gauge, "Sources by state at the last scrape.", {"state"}},
      {"tandem_metrics_families_dropped_total", MetricType::counter,
       "Families left out because sources disagree about them."},
      {"tandem_metrics_answers_too_large_total",
       MetricType::counter,
       "Answers of a source that were past limits.answerBytes.",
       {"source"}},
      {"tandem_metrics_left_out_total",
       MetricType::counter,
       "What a limit left out of a source, by the key below limits (samples, families, or the whole source), and "
       "families with names that are the adapter's own (reserved).",
       {"source", "limit"}},
      {"tandem_metrics_problems_total",
       MetricType::counter,
       "Lines or fields that could not be used, by source.",
       {"source"}},
  };
  return table;
}

Scraper::Scraper(run::Context& context, std::shared_ptr<const Settings> settings)
    : context_(context),
      settings_(std::move(settings)),
      client_(context.io()),
      ended_(context.io(), asio::steady_timer::time_point::max()),
      source_ended_(context.io(), asio::steady_timer::time_point::max()) {
  use(settings_);
}

void Scraper::use(std::shared_ptr<const Settings> settings) {
  settings_ = std::move(settings);
  client_.limit_bodies(settings_->answer_bytes);
  client_.limit_bodies_together(settings_->limits.page_bytes);
}

net::awaitable<void> Scraper::wait_for_end(std::uint64_t which) {
  while (finished_ < which) {
    auto [ended] = co_await ended_.async_wait(net::as_result);
    static_cast<void>(ended);
  }
}

net::awaitable<std::shared_ptr<const Scrape>> Scraper::scrape(std::chrono::milliseconds limit,
                                                              std::chrono::milliseconds max_age) {
  if (max_age.count() > 0 && last_ && Clock::now() - last_->at < max_age) co_return last_;
  std::shared_ptr<Running> running = running_;
  if (finished_ < started_) {
    context_.metrics().counter("tandem_metrics_scrapes_shared_total").add();
  } else {
    running = running_ = std::make_shared<Running>();
    context_.spawn("scrape", run_scrape(settings_, running_, limit));
    ++started_;
  }
  auto end = wait_for_end(started_);
  // More than the sources get: what they said by then is wanted, also on a busy machine.
  bool in_time = co_await net::with_timeout(std::move(end), limit + limit / 4 + std::chrono::milliseconds(100));
  if (!in_time) co_return nullptr;
  co_return running->scrape;
}

// A task of its own: a client that goes away must not take the scrape from the others. What it throws is a lack of
// memory, and ends this scrape only.
net::awaitable<void> Scraper::run_scrape(std::shared_ptr<const Settings> settings, std::shared_ptr<Running> running,
                                         std::chrono::milliseconds limit) {
  std::string failure;
  try {
    running->scrape = co_await scrape_all(settings, limit);
  } catch (const std::exception& error) {
    failure = error.what();
    last_ = nullptr;
  }
  if (!failure.empty()) observe::log_error("a scrape failed", {{"error", failure}});
  running_ = nullptr;  // its page goes with the last who waits for it
  ++finished_;
  ended_.cancel();
}

net::awaitable<std::shared_ptr<const Scrape>> Scraper::scrape_all(std::shared_ptr<const Settings> settings,
                                                                  std::chrono::milliseconds limit) {
  auto scrape = std::make_shared<Scrape>();
  scrape->at = Clock::now();
  for (const auto& source : settings->sources) scrape->sources.emplace_back().source = source;
  auto left = std::make_shared<std::size_t>(0);
  for (std::size_t i = 0; i < scrape->sources.size(); ++i) {
    const auto& source = scrape->sources[i].source;
    ++*left;
    context_.spawn("source " + source->name,
                   scrape_source(scrape, i, std::min(limit, source->timeout), settings, left));
  }
  while (*left > 0) {
    auto [ended] = co_await source_ended_.async_wait(net::as_result);
    static_cast<void>(ended);
  }
  finish(*scrape);
  co_return scrape;
}

net::awaitable<void> Scraper::scrape_source(std::shared_ptr<Scrape> scrape, std::size_t index,
                                            std::chrono::milliseconds limit, std::shared_ptr<const Settings> settings,
                                            std::shared_ptr<std::size_t> left) {
  auto source = scrape->sources[index].source;
  auto begin = Clock::now();
  auto& state = scrape->sources[index];
  try {
    auto fetched = co_await fetch(&client_, source, limit, settings->answer_bytes);
    state.reason = shortened(observe::mask_credentials(fetched.error));  // masked first: the cut may be in a password
    if (fetched.crowded) ++state.page.left_out["pageBytes"];
    if (fetched.too_large) context_.metrics().counter("tandem_metrics_answers_too_large_total", {source->name}).add();
    if (fetched.error.empty()) {
      state.page = source->format->parse(fetched.bytes, *source);
      drop_reserved(state.page);
      make_room(*scrape, settings->limits.page_bytes);
    }
  } catch (const std::exception& error) {  // it ends with this source
    state.page = {};
    state.reason = error.what();
  }
  state.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  --*left;
  source_ended_.cancel();
}

void Scraper::finish(Scrape& scrape) {
  static const Labels none;
  for (auto& state : scrape.sources) {
    const bool useless = state.page.families.empty() && state.page.problem_count > 0;
    if (state.reason.empty() && useless) state.reason = state.page.problems.front();
    state.up = state.reason.empty();
    add_up(state.page, *state.source, state.up);
  }
  auto own = about_sources(scrape);
  std::vector<SourcePage> pages = {{&own, &none}};
  for (const auto& state : scrape.sources) pages.push_back({&state.page, &state.source->labels});
  auto merged = merge(pages);
  context_.metrics().counter("tandem_metrics_families_dropped_total").add(static_cast<double>(merged.dropped_count));
  for (const auto& what : merged.dropped) observe::log_debug("a family is left out", {{"family", what}});
  context_.metrics().gauge("tandem_metrics_page_bytes").set(static_cast<double>(merged.text.size()));
  count(scrape);
  tell_changes(scrape);

  for (auto& state : scrape.sources) state.page = {};  // merged by now; the problems are told
  last_ = std::make_shared<const Scrape>(scrape);
  scrape.text = std::move(merged.text);
}

void Scraper::count(const Scrape& scrape) {
  auto& metrics = context_.metrics();
  metrics.counter("tandem_metrics_scrapes_total").add();
  metrics.histogram("tandem_metrics_scrape_duration_seconds")
      .observe(std::chrono::duration<double>(Clock::now() - scrape.at).count());
  auto up = std::count_if(scrape.sources.begin(), scrape.sources.end(), [](const auto& state) { return state.up; });
  metrics.gauge("tandem_metrics_sources", {"up"}).set(static_cast<double>(up));
  metrics.gauge("tandem_metrics_sources", {"down"})
      .set(static_cast<double>(scrape.sources.size()) - static_cast<double>(up));
  for (const auto& state : scrape.sources) {
    if (state.page.problem_count > 0)
      metrics.counter("tandem_metrics_problems_total", {state.source->name})
          .add(static_cast<double>(state.page.problem_count));
    for (const auto& [limit, times] : state.page.left_out)
      metrics.counter("tandem_metrics_left_out_total", {state.source->name, limit}).add(static_cast<double>(times));
  }
}

// One line when a source goes or comes back, or when it begins to give what cannot be used; not one per scrape.
void Scraper::tell_changes(const Scrape& scrape) {
  for (const auto& state : scrape.sources) {
    const SourceState* before = nullptr;
    if (last_)
      for (const auto& old : last_->sources)
        if (old.source->name == state.source->name) before = &old;
    bool was_up = !before || before->up;
    if (!state.up && was_up)
      observe::log_warning("a source is down", {{"source", state.source->name}, {"reason", state.reason}});
    if (state.up && !was_up) observe::log_info("a source is back", {{"source", state.source->name}});
    if (state.up && !before && state.page.problem_count > 0)
      observe::log_warning("parts of a source cannot be used", {{"source", state.source->name},
                                                                {"count", state.page.problem_count},
                                                                {"first", state.page.problems.front()}});
  }
}

}  // namespace tandem::metrics
