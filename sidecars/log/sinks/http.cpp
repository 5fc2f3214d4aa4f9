// Newline JSON by HTTP POST. A batch carries its id as Idempotency-Key: a receiver that remembers keys has no
// duplicates.
#include <algorithm>
#include <limits>

#include "sidecars/log/sinks/body_parts.hpp"
#include "sidecars/log/sinks/http_common.hpp"

namespace tandem::shipper {
namespace {

constexpr int too_large = 413;

class HttpSink : public Sink {
 public:
  HttpSink(const HttpOptions& options, const SinkSettings& settings, asio::io_context& io)
      : is_json_(settings.format == Format::json),
        content_type_(is_json_ ? "application/x-ndjson" : "text/plain; charset=utf-8"),
        post_(options, settings, io) {}

  // A body that the receiver finds too large is sent in parts, and so are those after it. When a part has to wait, all
  // are sent again later: a receiver that remembers keys takes each once.
  net::awaitable<Outcome> write(const Batch& batch) override {
    const std::string_view body = batch.body.view();
    Outcome all;
    for (std::string_view rest = body; !rest.empty();) {
      const std::string_view part = first_part(rest, most_);
      const auto answer = co_await send(part, part_id(batch.id, body, part));
      Outcome outcome = judge_answer(answer);
      if (answer.answered && answer.response.status == too_large) {
        if (const std::size_t smaller = smaller_part(part)) {
          most_ = std::min(most_, smaller);
          all.warning = outcome.reason + ": bodies have at most " + std::to_string(most_) + " bytes from now on";
          continue;
        }
      }
      const bool refused = outcome.verdict == Verdict::rejected;
      if (outcome.verdict == Verdict::retry_later || (refused && part.size() == body.size())) co_return outcome;
      if (refused) refuse(part, outcome.reason, all);
      rest.remove_prefix(part.size());
    }
    co_return all;
  }

 private:
  net::awaitable<HttpAnswer> send(std::string_view body, std::string id) {
    net::Request request;
    request.headers.set("Content-Type", content_type_);
    request.headers.set("Idempotency-Key", "\"" + id + "\"");  // a structured header's string
    co_return co_await post_.send(std::move(request), body);
  }

  void refuse(std::string_view lines, const std::string& reason, Outcome& all) const {
    while (!lines.empty()) {
      const std::string_view line = first_part(lines, 0);
      lines.remove_prefix(line.size());
      all.refused.emplace_back(std::string(line.substr(0, line.find('\n'))), is_json_, reason);
    }
  }

  bool is_json_;
  std::string content_type_;
  HttpPost post_;
  std::size_t most_ = std::numeric_limits<std::size_t>::max();  // bytes in a body
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
