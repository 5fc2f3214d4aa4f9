// Newline JSON by HTTP POST. A batch carries its id as Idempotency-Key: a receiver that remembers keys has no
// duplicates.
#include "core/net/http_client.hpp"
#include "core/net/url.hpp"
#include "sidecars/log/sinks/sink.hpp"

namespace tandem::shipper {
namespace {

net::HttpClientLimits limits_of(const SinkSettings& settings) {
  net::HttpClientLimits limits;
  limits.total = settings.timeout;
  limits.body_bytes = 1u << 20;  // of an answer, which is looked at for its reason only
  limits.idle_per_host = static_cast<std::size_t>(settings.in_flight);
  return limits;
}

using Headers = std::vector<std::pair<std::string, std::string>>;

class HttpSink : public Sink {
 public:
  HttpSink(std::string url, Headers headers, const SinkSettings& settings, asio::io_context& io)
      : url_(std::move(url)),
        headers_(std::move(headers)),
        content_type_(settings.format == Format::json ? "application/x-ndjson" : "text/plain; charset=utf-8"),
        client_(io, limits_of(settings)) {}

  net::awaitable<Outcome> write(const Batch& batch) override {
    net::Request request("POST", "/");
    request.headers.set("Content-Type", content_type_);
    request.headers.set("Idempotency-Key", "\"" + batch.id + "\"");  // a structured header's string
    request.headers.set("User-Agent", "tandem-log");
    for (const auto& [name, value] : headers_) request.headers.set(name, value);
    auto result = co_await client_.send(url_, std::move(request), batch.body.view());
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
  std::string url_;
  Headers headers_;
  std::string content_type_;
  net::HttpClient client_;
};

}  // namespace

SinkType http_sink() {
  return {"http",
          with_keys({{"url", "URL", "", "Newline JSON is POSTed here, with an Idempotency-Key per batch."},
                     {"headers", "map of strings", "", "Further headers.", true}},
                    {&format_keys, &network_keys, &dead_letter_keys}),
          [](Reader& item, SinkSettings& sink) {
            read_format(item, sink);
            read_network(item, sink);
            read_dead_letter(item, sink);
            const std::string text = item.required_string("url");
            std::string why;
            const auto url = net::parse_url(text, why);
            if (!text.empty() && !url) item.problem("url", "the URL \"" + text + "\" " + why);
            if (url && url->scheme == "https") item.problem("url", "https is not there yet");
            sink.make = [text, headers = item.string_map("headers")](const SinkSettings& settings,
                                                                     const SinkContext& context) {
              return std::make_unique<HttpSink>(text, headers, settings, context.io);
            };
          }};
}

}  // namespace tandem::shipper
