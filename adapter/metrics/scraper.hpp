// Scrapes all sources at once and merges what they say. Requests that come while a scrape is running share it.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "adapter/metrics/settings.hpp"
#include "core/net/http_client.hpp"
#include "core/run/service.hpp"

namespace tandem::metrics {

struct SourceState {
  std::shared_ptr<const Source> source;
  bool up = false;
  std::string reason;  // why not
  double seconds = 0;
  Page page;
};

struct Scrape {
  std::vector<SourceState> sources;
  std::string text;  // the merged page
  std::chrono::steady_clock::time_point at;
};

const observe::MetricTable& scraper_metrics();

class Scraper {
 public:
  Scraper(run::Context& context, std::shared_ptr<const Settings> settings);
  void use(std::shared_ptr<const Settings> settings);  // from the next scrape on

  // A scrape that began not before `now - max_age`, ended within `limit`; nullptr: none did.
  net::awaitable<std::shared_ptr<const Scrape>> scrape(std::chrono::milliseconds limit,
                                                       std::chrono::milliseconds max_age = {});
  const Settings& settings() const { return *settings_; }

 private:
  struct Running {
    std::shared_ptr<const Scrape> scrape;  // nullptr until it has ended, or when it failed
  };
  net::awaitable<void> run_scrape(std::shared_ptr<const Settings> settings, std::shared_ptr<Running> running,
                                  std::chrono::milliseconds limit);
  net::awaitable<std::shared_ptr<const Scrape>> scrape_all(std::shared_ptr<const Settings> settings,
                                                           std::chrono::milliseconds limit);
  net::awaitable<void> scrape_source(std::shared_ptr<Scrape> scrape, std::size_t index, std::chrono::milliseconds limit,
                                     std::shared_ptr<const Settings> settings, std::shared_ptr<std::size_t> left);
  net::awaitable<void> wait_for_end(std::uint64_t which);
  void finish(Scrape& scrape);
  void count(const Scrape& scrape);
  void tell_changes(const Scrape& scrape);

  run::Context& context_;
  std::shared_ptr<const Settings> settings_;
  net::HttpClient client_;
  asio::steady_timer ended_;  // cancelled whenever a scrape ends
  asio::steady_timer source_ended_;
  std::uint64_t started_ = 0, finished_ = 0;  // scrapes; at most one runs
  std::shared_ptr<Running> running_;
  std::shared_ptr<const Scrape> last_;  // without its text, which nobody asks for again
};

}  // namespace tandem::metrics
