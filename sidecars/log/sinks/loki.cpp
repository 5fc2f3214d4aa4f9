// Loki's push API. At least once: after a kill the last batches come again with the same times and lines, which Loki
// takes for the lines it has.
#include "sidecars/log/encode/loki_format.hpp"
#include "sidecars/log/sinks/http_common.hpp"

namespace tandem::shipper {
namespace {

class LokiSink : public Sink {
 public:
  LokiSink(const HttpOptions& options, std::string tenant, const SinkSettings& settings, asio::io_context& io)
      : tenant_(std::move(tenant)), post_(options, settings, io) {}

  net::awaitable<Outcome> write(const Batch& batch) override {
    if (batch.body.empty()) co_return Outcome();
    net::Request request;
    request.headers.set("Content-Type", "application/json");
    if (!tenant_.empty()) request.headers.set("X-Scope-OrgID", tenant_);
    const auto answer = co_await post_.send(std::move(request), batch.body.view());
    co_return judge_answer(answer);
  }

 private:
  std::string tenant_;
  HttpPost post_;
};

LokiFormat read_loki_format(Reader& item) {
  LokiFormat format;
  auto labels = item.string_map("labels");
  if (!item.has("labels"))
    for (const char* field : {"source", "pod", "namespace", "container"})
      labels.emplace_back(field, "${" + std::string(field) + "}");
  for (const auto& [name, text] : labels) {
    std::string problem;
    const auto value = TextTemplate::parse(text, false, problem);
    if (!is_label_name(name)) {
      item.problem("labels", "\"" + name + "\" is no label's name",
                   "letters, digits and _, no digit first, and not __ at both ends");
    } else if (!value) {
      item.problem("labels", "the label " + name + " " + problem);
    } else {
      format.labels.emplace_back(name, *value);
    }
  }
  format.whole_record = item.choice("line", "message", {"message", "json"}) == "json";
  format.metadata = item.strings("structuredMetadata");
  return format;
}

}  // namespace

SinkType loki_sink() {
  return {"loki",
          with_keys({{"labels", "map of strings", "",
                      "A stream's labels: texts with ${FIELD}; absent: source, pod, "
                      "namespace and container where known."},
                     {"line", "message|json", "message", "A line is the record's message, or all of it as JSON."},
                     {"structuredMetadata", "list of strings", "", "Fields sent with each line, not indexed."},
                     {"tenant", "string", "", "X-Scope-OrgID."}},
                    {&http_keys(false)}),
          [](Reader& item, SinkSettings& sink) {
            const HttpOptions options = read_http(item, sink, "/loki/api/v1/push", false);
            const LokiFormat format = read_loki_format(item);
            sink.body = BodyKind::json;
            sink.make_format = [format](const Origin&) { return make_loki_format(format); };
            sink.make = [options, tenant = item.string("tenant")](const SinkSettings& settings,
                                                                  const SinkContext& context) {
              return std::make_unique<LokiSink>(options, tenant, settings, context.io);
            };
          }};
}

}  // namespace tandem::shipper
