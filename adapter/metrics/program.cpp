#include "adapter/metrics/program.hpp"

#include <algorithm>
#include <charconv>

#include "adapter/metrics/health.hpp"
#include "adapter/metrics/scraper.hpp"
#include "core/net/http_server.hpp"
#include "core/observe/log.hpp"
#include "core/os/error.hpp"
#include "core/run/listener_limits.hpp"
#include "core/run/version.hpp"

namespace tandem::metrics {

using namespace std::chrono_literals;

namespace {

constexpr auto probe_limit = 800ms;     // kubelet gives a probe one second by default
constexpr auto probe_max_age = 1000ms;  // many probes, one look

class Adapter final : public run::Service {
 public:
  Adapter(Settings settings, run::Context& context)
      : context_(context),
        scraper_(context, std::make_shared<const Settings>(std::move(settings))),
        server_(context.io()),
        limits_(context.metrics(), "listen") {
    server_.route_async("GET", "/metrics", [this](net::Request request) { return answer_metrics(std::move(request)); });
    server_.route_async("GET", "/pod/healthz", [this](net::Request) { return answer_health(false); });
    server_.route_async("GET", "/pod/readyz", [this](net::Request) { return answer_health(true); });
    server_.on_error([](const net::Request& request, const std::string& what) {
      observe::log_error("a request failed", {{"path", request.path()}, {"error", what}});
    });
    server_.on_limit([this](const std::string& reason) { limits_.count(reason); });
    for (const auto& endpoint : scraper_.settings().listen) server_.listen(endpoint);
  }

  net::awaitable<void> run(run::Context& context) override {
    context.on_drain([this] { server_.stop(); });
    co_await server_.run();
  }

  bool reload(const Document& config) override {
    Problems none;  // it was checked
    auto fresh = std::make_shared<const Settings>(read_settings(config, none));
    if (fresh->listen != scraper_.settings().listen)
      throw Error(Fault::user, "reload", "listen", "the address cannot change while running", "restart the container");
    scraper_.use(fresh);
    return true;
  }

 private:
  net::awaitable<net::Response> answer_metrics(net::Request request) {
    auto limit = scrape_limit(request.headers.find("X-Prometheus-Scrape-Timeout-Seconds"), scraper_.settings().timeout);
    auto scrape = co_await scraper_.scrape(limit);
    if (!scrape) co_return net::Response(503, "the sources did not answer in time\n");
    co_return net::Response(200, scrape->text, observe::text_format);
  }

  net::awaitable<net::Response> answer_health(bool readiness) {
    auto limit = std::min<std::chrono::milliseconds>(probe_limit, scraper_.settings().timeout);
    auto scrape = co_await scraper_.scrape(limit, probe_max_age);
    auto health = pod_health(scrape.get(), readiness && context_.draining());
    co_return net::Response(health.healthy ? 200 : 503, health.json, "application/json");
  }

  run::Context& context_;
  Scraper scraper_;
  net::HttpServer server_;
  run::ListenerLimits limits_;
};

const char* const example = R"(listen: 0.0.0.0:9464
sources:
- {name: web, type: nginx, url: "http://127.0.0.1/status"}
- {name: app, type: prometheus, url: "http://127.0.0.1:8080/metrics", labels: {tier: front}}
- name: stats
  type: json
  url: "http://127.0.0.1:8080/stats"
  container: app
  map:
  - {path: $.requests.total, name: app_requests_total, type: counter, help: Requests answered.}
  - {path: "$.queues.*.wait_ms", name: app_queue_wait_seconds, scale: 0.001, labels: {queue: "$1"}}
- {name: cache, type: redis, address: "127.0.0.1:6379"}
admin: {listen: "0.0.0.0:9103"}
)";

}  // namespace

std::chrono::milliseconds scrape_limit(const std::string* header, std::chrono::milliseconds most) {
  if (!header) return most;
  double seconds = 0;
  auto [stop, failure] = std::from_chars(header->data(), header->data() + header->size(), seconds);
  if (failure != std::errc{} || stop != header->data() + header->size() || !(seconds > 0) || seconds > 3600)
    return most;
  double usable = std::max(seconds * 0.85, seconds - 0.5);
  auto limit = std::chrono::milliseconds(static_cast<long>(usable * 1000));
  return std::clamp(limit, std::min<std::chrono::milliseconds>(10ms, most), most);
}

run::Program program() {
  run::Program program;
  program.name = "tandem-metrics";
  program.summary = "adapter: what a pod's containers count, on one page and in one format";
  program.version = run::version;
  program.config = config_table();
  program.metrics = scraper_metrics();
  program.example = example;
  program.check = [](const Document& config, Problems& problems) { read_settings(config, problems); };
  program.make = [](const Document& config, run::Context& context) -> std::unique_ptr<run::Service> {
    Problems none;  // it was checked
    return std::make_unique<Adapter>(read_settings(config, none), context);
  };
  return program;
}

}  // namespace tandem::metrics
