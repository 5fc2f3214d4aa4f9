// Entries of a Redis stream, each record once: see redis_script.hpp.
#include "core/config/units.hpp"
#include "core/net/timeout.hpp"
#include "sidecars/log/encode/redis_format.hpp"
#include "sidecars/log/sinks/http_auth.hpp"
#include "sidecars/log/sinks/redis_answer.hpp"
#include "sidecars/log/sinks/redis_script.hpp"
#include "sidecars/log/sinks/stream_sink.hpp"
#include "sidecars/log/sinks/tls_keys.hpp"

namespace tandem::shipper {
namespace {

using State = net::Tried::State;

constexpr std::size_t longest_line = 64 * 1024;  // of an answer
constexpr int most_moves = 4;                    // from node to node, for one call

struct RedisOptions {
  net::Endpoint address;
  ConnectionSettings connection;
  std::string username, password_file;
  RedisStream stream;
  std::string mark_prefix;
};

// Sends a request and reads the answer's line; "" with `error`: the connection is of no use any more.
class Exchanged {
 public:
  std::string line, error;
};

net::awaitable<Exchanged> exchange(net::ByteStream* stream, std::string_view first, std::string_view second) {
  Exchanged result;
  net::Tried tried = co_await net::write_all(stream, first);
  if (tried.state == State::done && !second.empty()) tried = co_await net::write_all(stream, second);
  char bytes[4096];
  while (tried.state == State::done && !result.line.ends_with("\r\n") && result.line.size() < longest_line) {
    tried = co_await net::read_some(stream, bytes, sizeof bytes);
    if (tried.state == State::done) result.line.append(bytes, tried.bytes);
  }
  if (result.line.ends_with("\r\n")) {
    result.line.resize(result.line.size() - 2);
    co_return result;
  }
  result.line.clear();
  result.error = tried.state == State::ended    ? "it closed the connection"
                 : tried.state == State::failed ? tried.error
                                                : "its answer is too long";
  co_return result;
}

class RedisSink final : public Sink {
 public:
  RedisSink(const RedisOptions& options, std::chrono::milliseconds timeout)
      : options_(options),
        connector_(options.connection.make(net::TlsUse::one_way)),
        password_(options.password_file),
        timeout_(timeout),
        sha1_(redis_script_sha1()),
        target_(options.address) {}

  net::awaitable<Outcome> write(const Batch& batch) override {
    RedisCalls calls(options_.stream, options_.mark_prefix, batch);
    std::size_t count = 0;
    while (calls.next(arguments_, count)) {
      Outcome outcome = co_await call(count);
      if (outcome.verdict != Verdict::delivered) co_return outcome;
    }
    co_return Outcome();
  }

 private:
  net::awaitable<Outcome> call(std::size_t count) {
    bool whole_script = false;
    for (int moves = 0; moves < most_moves;) {
      Outcome opened = co_await connect();
      if (opened.verdict != Verdict::delivered) co_return opened;
      Buffer head;
      head.append("*" + std::to_string(count + 2) + "\r\n");
      append_bulk(whole_script ? "EVAL" : "EVALSHA", head);
      append_bulk(whole_script ? redis_script : std::string_view(sha1_), head);
      auto work = exchange(stream_.get(), head.view(), arguments_.view());
      const auto exchanged = co_await net::with_timeout(std::move(work), timeout_);
      if (!exchanged || !exchanged->error.empty()) co_return lost(exchanged);
      const RedisAnswer answer = judge_redis(exchanged->line, target_);
      if (answer.kind == RedisAnswer::Kind::done) co_return Outcome();
      if (answer.reconnect || answer.kind == RedisAnswer::Kind::moved) hang_up();
      if (answer.kind == RedisAnswer::Kind::later) co_return Outcome(Verdict::retry_later, answer.reason);
      if (answer.kind == RedisAnswer::Kind::send_script && whole_script)
        co_return Outcome(Verdict::retry_later, "Redis says that it does not know a script that it was just sent");
      whole_script = whole_script || answer.kind == RedisAnswer::Kind::send_script;
      if (answer.kind == RedisAnswer::Kind::moved) {
        target_ = answer.node;
        ++moves;
      }
    }
    target_ = options_.address;
    co_return Outcome(Verdict::retry_later, "the nodes of the Redis cluster send us from one to the other");
  }

  // With a connection that is open and knows us.
  net::awaitable<Outcome> connect() {
    if (stream_) {
      const net::Tried seen = stream_->look();
      if (seen.state == State::wants_read || seen.state == State::wants_write) co_return Outcome();
      hang_up();  // it was closed, or has something to say that nobody asked for
    }
    auto opened = co_await connector_->open(target_, timeout_);
    if (!opened.ok()) {
      target_ = options_.address;  // a node that others told us of may be gone
      Outcome outcome(Verdict::retry_later, opened.error);
      outcome.unreachable = true;
      co_return outcome;
    }
    stream_ = std::move(opened.stream);
    if (options_.password_file.empty()) co_return Outcome();
    std::string why;
    const auto secret = password_.read(why);
    if (!secret) {
      hang_up();
      co_return Outcome(Verdict::retry_later, why);
    }
    Buffer request;
    request.append(options_.username.empty() ? "*2\r\n" : "*3\r\n");
    append_bulk("AUTH", request);
    if (!options_.username.empty()) append_bulk(options_.username, request);
    append_bulk(*secret, request);
    auto work = exchange(stream_.get(), request.view(), "");
    const auto exchanged = co_await net::with_timeout(std::move(work), timeout_);
    if (!exchanged || !exchanged->error.empty()) co_return lost(exchanged);
    const RedisAnswer answer = judge_redis(exchanged->line, target_);
    if (answer.kind == RedisAnswer::Kind::done) co_return Outcome();
    hang_up();
    co_return Outcome(Verdict::retry_later, answer.reason);
  }

  Outcome lost(const std::optional<Exchanged>& exchanged) {
    const std::string why =
        exchanged ? exchanged->error : "no answer within " + tandem::to_string(std::chrono::nanoseconds(timeout_));
    const std::string from = net::to_string(target_);
    hang_up();
    target_ = options_.address;
    return Outcome(Verdict::retry_later, "Redis at " + from + ": " + why);
  }

  void hang_up() { stream_.reset(); }

  RedisOptions options_;
  std::shared_ptr<net::Connector> connector_;
  SecretFile password_;
  std::chrono::milliseconds timeout_;
  std::string sha1_;
  net::Endpoint target_;  // the address, or the node of its cluster that has the stream
  std::unique_ptr<net::ByteStream> stream_;
  Buffer arguments_;
};

const run::ConfigTable redis_keys = {
    {"address", "HOST:PORT", "", "A Redis, a node of a Redis Cluster, or tandem-redis. Or unix:/PATH."},
    {"stream", "string", "", "The stream's key. Required."},
    {"format", "json|fields", "json", "An entry has one field, record, with the JSON; or the record's fields."},
    {"maxLength", "integer", "0", "About how many entries the stream keeps (MAXLEN ~); 0: all."},
    {"remember", "duration", "168h", "For how long after its last record it is known what came from a file."},
    {"username", "string", "", "Of Redis' ACL; absent: the default user."},
    {"passwordFile", "path", "", "Its content is the password; read again when it changes."},
    {"timeout", "duration", "30s", "Of one request."},
};

void read_redis(Reader& item, SinkSettings& sink) {
  RedisOptions options;
  options.address = read_address(item);
  options.connection = read_connection(item);
  if (options.connection.with_tls && options.address.is_unix()) item.problem("tls", "is only for HOST:PORT");
  options.stream.stream = item.required_string("stream");
  options.stream.max_length =
      static_cast<std::uint64_t>(item.integer("maxLength", 0, 0, std::numeric_limits<std::int64_t>::max()));
  options.stream.remember =
      std::chrono::duration_cast<std::chrono::seconds>(item.duration("remember", std::chrono::hours(168)));
  if (options.stream.remember < std::chrono::minutes(1)) item.problem("remember", "must be at least 1m");
  const auto prefix = redis_mark_prefix(options.stream.stream);
  if (!options.stream.stream.empty() && !prefix)
    item.problem("stream", "\"" + options.stream.stream + "\" has a } that belongs to no hash tag",
                 "braces only as in logs:{web}");
  options.mark_prefix = prefix.value_or("");
  options.username = item.string("username");
  options.password_file = item.string("passwordFile");
  if (!options.username.empty() && options.password_file.empty()) item.problem("username", "needs passwordFile");
  const RedisEntry entry =
      item.choice("format", "json", {"json", "fields"}) == "json" ? RedisEntry::json : RedisEntry::fields;
  sink.timeout =
      std::chrono::duration_cast<std::chrono::milliseconds>(item.duration("timeout", std::chrono::seconds(30)));
  if (sink.timeout <= std::chrono::milliseconds(0)) item.problem("timeout", "must be more than 0");
  sink.in_flight = 1;  // records stay in order
  sink.body = BodyKind::bytes;
  sink.make_format = [entry](const Origin&) { return make_redis_format(entry); };
  sink.make = [options](const SinkSettings& settings, const SinkContext&) {
    return std::make_unique<RedisSink>(options, settings.timeout);
  };
}

}  // namespace

SinkType redis_sink() { return {"redis", with_keys(redis_keys, {&tls_keys()}), read_redis}; }

}  // namespace tandem::shipper
