// Newline JSON by HTTP POST. A batch carries its id as Idempotency-Key: a receiver that remembers keys has no
// duplicates.
#include "core/net/http_client.hpp"
#include "sidecars/log/sink.hpp"

namespace tandem::shipper {
namespace {

net::HttpClientLimits limits_of(const SinkSettings& settings) {
  net::HttpClientLimits limits;
  limits.total = settings.timeout;
  limits.body_bytes = 1u << 20;  // of an answer, which is looked at for its reason only
  limits.idle_per_host = static_cast<std::size_t>(settings.in_flight);
  return limits;
}

class HttpSink : public Sink {
 public:
  HttpSink(const SinkSettings& settings, asio::io_context& io)
      : settings_(settings), client_(io, limits_of(settings)) {}

  int in_flight() const override { return settings_.in_flight; }

  net::awaitable<Outcome> write(const Batch& batch) override {
    net::Request request("POST", "/");
    request.headers.set("Content-Type",
                        settings_.format == Format::json ? "application/x-ndjson" : "text/plain; charset=utf-8");
    request.headers.set("Idempotency-Key", "\"" + batch.id + "\"");  // a structured header's string
    request.headers.set("User-Agent", "tandem-log");
    for (const auto& [name, value] : settings_.headers) request.headers.set(name, value);
    auto result = co_await client_.send(settings_.url, std::move(request), batch.body.view());
    if (!result.answered()) {
      Outcome failed(Verdict::retry_later, result.error);
      failed.unreachable = !result.timed_out;
      co_return failed;
    }
    const std::string* after = result.response.headers.find("Retry-After");
    co_return judge_http(result.response.status, after ? std::string_view(*after) : std::string_view(),
                         result.response.body, std::chrono::system_clock::now());
  }

 private:
  SinkSettings settings_;
  net::HttpClient client_;
};

}  // namespace

std::unique_ptr<Sink> make_http_sink(const SinkSettings& settings, asio::io_context& io) {
  return std::make_unique<HttpSink>(settings, io);
}

}  // namespace tandem::shipper
