// The bulk API of Elasticsearch and OpenSearch. Once within one index: each record has an id of its own, and what is
// there already is not written again.
#include <cctype>

#include "sidecars/log/encode/elasticsearch_format.hpp"
#include "sidecars/log/sinks/elasticsearch_answer.hpp"
#include "sidecars/log/sinks/http_common.hpp"

namespace tandem::shipper {
namespace {

constexpr std::uint64_t longest_answer = 32u << 20;  // some 300 bytes for each record, when all are refused

class ElasticsearchSink : public Sink {
 public:
  ElasticsearchSink(const HttpOptions& options, const SinkSettings& settings, asio::io_context& io)
      : post_(options, settings, io, longest_answer) {}

  net::awaitable<Outcome> write(const Batch& batch) override {
    if (batch.body.empty()) co_return Outcome();
    net::Request request;
    request.headers.set("Content-Type", "application/x-ndjson");
    request.headers.set("Accept", "application/json");
    const auto answer = co_await post_.send(std::move(request), batch.body.view());
    Outcome outcome = judge_answer(answer);
    if (outcome.verdict == Verdict::rejected) refuse_all(batch.body.view(), outcome);
    if (outcome.verdict != Verdict::delivered) co_return outcome;
    co_return judge_bulk(batch.body.view(), answer.response.body);
  }

 private:
  HttpPost post_;
};

TextTemplate read_index(Reader& item) {
  const std::string stream = item.string("dataStream");
  const std::string key = stream.empty() ? "index" : "dataStream";
  if (!stream.empty() && item.has("index")) item.problem("dataStream", "excludes index: a record goes to one of them");
  const std::string text = stream.empty() ? item.string("index", "tandem-log-%Y.%m.%d") : stream;
  std::string problem;
  const auto name = TextTemplate::parse(text, true, problem);
  if (!name) {
    item.problem(key, "\"" + text + "\" " + problem);
    return {};
  }
  // What is no field must be a name by itself; fields are made to fit.
  Buffer written;
  static_cast<void>(name->append(Event(), written));
  const char* const wrong = written.empty() && !name->is_constant() ? nullptr : index_name_problem(written.view());
  if (wrong) item.problem(key, "\"" + text + "\" is no index's name: it " + wrong);
  return *name;
}

// Names of pipelines are of the user's making: whatever could end the query is escaped.
std::string escape_query(std::string_view text) {
  std::string out;
  for (const unsigned char c : text) {
    if (std::isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~') {
      out += static_cast<char>(c);
    } else {
      out += {'%', "0123456789ABCDEF"[c >> 4], "0123456789ABCDEF"[c & 15]};
    }
  }
  return out;
}

}  // namespace

SinkType elasticsearch_sink() {
  return {"elasticsearch",
          with_keys({{"index", "string", "tandem-log-%Y.%m.%d",
                      "May have ${FIELD}, and %Y %y %m %d %H %M %j of the record's time (UTC)."},
                     {"dataStream", "string", "", "The name of a data stream, instead of index."},
                     {"pipeline", "string", "", "An ingest pipeline."}},
                    {&http_keys(false)}),
          [](Reader& item, SinkSettings& sink) {
            HttpOptions options = read_http(item, sink, "/_bulk", false);
            const std::string pipeline = item.string("pipeline");
            options.url += options.url.find('?') == std::string::npos ? '?' : '&';
            options.url += "filter_path=errors,items.*.status,items.*.error";  // a short answer
            if (!pipeline.empty()) options.url += "&pipeline=" + escape_query(pipeline);
            sink.body = BodyKind::json_lines;
            sink.make_format = [index = read_index(item)](const Origin&) { return make_elasticsearch_format(index); };
            sink.make = [options](const SinkSettings& settings, const SinkContext& context) {
              return std::make_unique<ElasticsearchSink>(options, settings, context.io);
            };
          }};
}

}  // namespace tandem::shipper
