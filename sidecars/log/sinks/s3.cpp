// Objects in S3 and what speaks like it. Once: an object's key is made of its batch, so that one that is sent again
// after a crash takes the place of itself.
#include "sidecars/log/sinks/s3.hpp"

#include <chrono>
#include <cstdlib>

#include "core/observe/log.hpp"
#include "sidecars/log/sinks/s3_answer.hpp"

namespace tandem::shipper {
namespace {

using std::chrono::system_clock;

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

class S3Sink : public Sink {
 public:
  S3Sink(const S3Options& options, const SinkSettings& settings, asio::io_context& io)
      : options_(options),
        name_(settings.name),
        place_{environment("POD_NAME"), environment("POD_NAMESPACE"), environment("NODE_NAME"), settings.name,
               options.source},
        credentials_(options.credentials, [](const char* name) { return std::getenv(name); }),
        compressor_(options.http.compression, options.http.level),
        client_(io, http_limits(settings, 1 << 20), net::make_tls_connector(options.http.tls, net::TlsUse::http)) {}

  net::awaitable<Outcome> write(const Batch& batch) override {
    if (batch.body.empty()) co_return Outcome();
    Buffer packed;
    std::string_view body = batch.body.view();
    if (compressor_.kind() != Compression::none) {
      compressor_.append(body, packed);
      body = packed.view();
    }
    const std::string hash = hex_sha256(body);
    net::Url url = options_.bucket;
    url.target += escape_path(options_.key.make(place_, batch.id, batch.time_ns));
    // What was there before a crash is whole, and may be more than what is left of the files now.
    bool if_absent = batch.again;
    Outcome outcome;
    for (int attempt = 0; attempt < 3; ++attempt) {
      std::string why;
      const auto keys = credentials_.read(why);
      if (!keys) co_return Outcome(Verdict::retry_later, why);
      net::Request request = make_request(url, *keys, hash, if_absent);
      const std::string target = to_string(url);
      auto result = co_await client_.send(target, std::move(request), body);
      KnownSecrets secrets;
      add_secrets(options_.http, secrets);
      for (const auto& secret : {keys->secret_key, keys->session_token}) secrets.add(secret);
      const HttpAnswer answer = take_answer(std::move(result), secrets);
      outcome = judge_answer(answer);
      if (!answer.answered) co_return outcome;
      const int status = answer.response.status;
      if (status == 412 && if_absent) co_return Outcome();
      const auto error = parse_s3_error(answer.response.body);
      const std::string* const region = answer.response.headers.find("X-Amz-Bucket-Region");
      outcome = judge_s3(status, error, region ? *region : "", outcome);
      const bool unknown_condition = if_absent && (status == 501 || status == 400);
      if (unknown_condition) if_absent = false;
      const bool skewed = error && error->code == "RequestTimeTooSkewed" && take_time(answer.response);
      if (!unknown_condition && !skewed) break;
    }
    co_return outcome;
  }

 private:
  net::Request make_request(const net::Url& url, const AwsKeys& keys, const std::string& hash, bool if_absent) const {
    const auto now = (system_clock::now() + ahead_).time_since_epoch();
    const std::string time = aws_time(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
    net::Request request("PUT", url.target);
    for (const auto& [name, value] : options_.http.headers) request.headers.set(name, value);
    request.headers.set("X-Amz-Date", time);
    request.headers.set("X-Amz-Content-Sha256", hash);
    if (!keys.session_token.empty()) request.headers.set("X-Amz-Security-Token", keys.session_token);
    if (if_absent) request.headers.set("If-None-Match", "*");
    AwsRequest to_sign;
    to_sign.method = request.method;
    to_sign.path = url.target;
    to_sign.headers = request.headers.all();
    to_sign.headers.emplace_back("Host", url.authority());
    to_sign.payload_hash = hash;
    request.headers.set("Authorization", aws_authorization(to_sign, keys, options_.region, "s3", time));
    request.headers.set("User-Agent", "tandem-log");
    return request;
  }

  // The server's clock counts, not ours. False: it does not say what it shows, or we went by it already.
  bool take_time(const net::Response& response) {
    const std::string* const date = response.headers.find("Date");
    const auto theirs = date ? parse_http_date(*date) : std::nullopt;
    if (!theirs) return false;
    const auto ahead = std::chrono::duration_cast<std::chrono::seconds>(*theirs - system_clock::now());
    if (std::chrono::abs(ahead - ahead_) < std::chrono::seconds(5)) return false;
    ahead_ = ahead;
    observe::log_warning("this machine's clock is not the storage's; its own is used for signatures",
                         {{"sink", name_}, {"seconds_behind", ahead.count()}});
    return true;
  }

  S3Options options_;
  std::string name_;
  S3Place place_;
  AwsCredentials credentials_;
  Compressor compressor_;
  net::HttpClient client_;
  std::chrono::seconds ahead_{0};  // the server's clock, of ours
};

}  // namespace

SinkType s3_sink() {
  return {"s3", s3_keys(), [](Reader& item, SinkSettings& sink) {
            sink.batch_bytes = 16 << 20;  // a request costs as much as a gigabyte's month: few and large ones
            sink.batch_wait = std::chrono::minutes(1);
            const S3Options options = read_s3(item, sink);
            sink.make = [options](const SinkSettings& settings, const SinkContext& context) {
              return std::make_unique<S3Sink>(options, settings, context.io);
            };
          }};
}

}  // namespace tandem::shipper
