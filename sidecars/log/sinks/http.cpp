// Newline JSON by HTTP POST. A batch carries its id as Idempotency-Key: a receiver that remembers keys has no
// duplicates.
#include "sidecars/log/sinks/http_common.hpp"

namespace tandem::shipper {
namespace {

class HttpSink : public Sink {
 public:
  HttpSink(const HttpOptions& options, const SinkSettings& settings, asio::io_context& io)
      : content_type_(settings.format == Format::json ? "application/x-ndjson" : "text/plain; charset=utf-8"),
        post_(options, settings, io) {}

  net::awaitable<Outcome> write(const Batch& batch) override {
    if (batch.body.empty()) co_return Outcome();
    net::Request request;
    request.headers.set("Content-Type", content_type_);
    request.headers.set("Idempotency-Key", "\"" + batch.id + "\"");  // a structured header's string
    const auto answer = co_await post_.send(std::move(request), batch.body.view());
    co_return judge_answer(answer);
  }

 private:
  std::string content_type_;
  HttpPost post_;
};

}  // namespace

SinkType http_sink() {
  return {"http", with_keys(http_keys(true), {&format_keys}), [](Reader& item, SinkSettings& sink) {
            read_format(item, sink);
            const HttpOptions options = read_http(item, sink, "", true);
            sink.make = [options](const SinkSettings& settings, const SinkContext& context) {
              return std::make_unique<HttpSink>(options, settings, context.io);
            };
          }};
}

}  // namespace tandem::shipper
