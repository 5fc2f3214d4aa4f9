// OTLP over HTTP, as the OpenTelemetry collector and most backends take it. At least once.
#include <chrono>

#include "sidecars/log/encode/otlp_record.hpp"
#include "sidecars/log/sinks/http_common.hpp"
#include "sidecars/log/sinks/otlp_answer.hpp"

namespace tandem::shipper {
namespace {

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class OtlpSink : public Sink {
 public:
  OtlpSink(const HttpOptions& options, bool json, const SinkSettings& settings, asio::io_context& io)
      : json_(json), post_(options, settings, io) {}

  net::awaitable<Outcome> write(const Batch& batch) override {
    if (batch.body.empty()) co_return Outcome();
    net::Request request;
    request.headers.set("Content-Type", json_ ? "application/json" : "application/x-protobuf");
    const auto answer = co_await post_.send(std::move(request), batch.body.view());
    Outcome outcome = judge_answer(answer);
    if (!answer.answered) co_return outcome;
    outcome = judge_otlp(answer.response.status, answer.response.content_type, answer.response.body, outcome);
    // Nobody can read the body in a dead-letter file.
    if (outcome.verdict == Verdict::rejected && !json_ &&
        !decode_otlp(batch.body.view(), outcome.reason, outcome.refused))
      outcome.refused.clear();
    co_return outcome;
  }

 private:
  bool json_;
  HttpPost post_;
};

OtlpSettings read_otlp(Reader& item) {
  OtlpSettings settings;
  const std::string service = item.string("service");
  std::string problem;
  const auto value = TextTemplate::parse(service, false, problem);
  if (!value) item.problem("service", "\"" + service + "\" " + problem);
  if (value) settings.service = *value;
  settings.severity = item.string("severity", "level");
  settings.clock = now_ns;
  return settings;
}

}  // namespace

SinkType otlp_sink() {
  return {"otlp",
          with_keys({{"encoding", "protobuf|json", "protobuf", "Of the requests."},
                     {"service", "string", "", "service.name; may have ${FIELD}; absent: the pod, else the source."},
                     {"severity", "string", "level", "The field that severityText and severityNumber come from."}},
                    {&http_keys(true)}),
          [](Reader& item, SinkSettings& sink) {
            const HttpOptions options = read_http(item, sink, "/v1/logs", true);
            const OtlpSettings otlp = read_otlp(item);
            const bool json = item.choice("encoding", "protobuf", {"protobuf", "json"}) == "json";
            sink.body = json ? BodyKind::json : BodyKind::bytes;
            sink.make_format = [otlp, json](const Origin&) {
              return json ? make_otlp_json_format(otlp) : make_otlp_protobuf_format(otlp);
            };
            sink.make = [options, json](const SinkSettings& settings, const SinkContext& context) {
              return std::make_unique<OtlpSink>(options, json, settings, context.io);
            };
          }};
}

}  // namespace tandem::shipper
