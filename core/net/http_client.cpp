#include "core/net/http_client.hpp"

#include <algorithm>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/http/span_body.hpp>
#include <deque>
#include <map>

#include "core/net/http_framing.hpp"
#include "core/net/message_budget.hpp"
#include "core/net/timeout.hpp"
#include "core/net/url.hpp"

namespace tandem::net {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using Clock = std::chrono::steady_clock;

namespace {

class Kept {
 public:
  explicit Kept(std::unique_ptr<ByteStream> open) : stream(std::move(open)) {}
  std::unique_ptr<ByteStream> stream;
  Clock::time_point since = Clock::now();
  bool fresh = true;  // nothing was sent on it yet
};

// A kept connection that has something to read is closed or out of step: it cannot be used again.
bool is_usable(ByteStream& stream) { return stream.look().state == Tried::State::wants_read; }

bool may_be_repeated(const std::string& method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE";
}

using Message = http::request<http::span_body<const char>>;

// The message refers to `body`.
Message to_message(const Url& url, const Request& request, std::string_view body) {
  Message message;
  message.version(11);
  message.method_string(request.method);
  message.target(url.target);
  for (const auto& [name, value] : request.headers.all()) message.insert(name, value);
  message.set(http::field::host, url.authority());
  bool has_body = !body.empty() || request.method == "POST" || request.method == "PUT";
  if (has_body) message.content_length(body.size());
  message.body() = {body.data(), body.size()};
  return message;
}

Response to_response(http::response<http::string_body>&& message) {
  Response response(static_cast<int>(message.result_int()), "", "");
  for (const auto& field : message) {
    if (field.name() == http::field::content_type) response.content_type = std::string(field.value());
    response.headers.add(std::string(field.name_string()), std::string(field.value()));
  }
  response.body = std::move(message.body());
  return response;
}

// Request line and headers, with the empty line.
std::string head_of(const Message& message) {
  http::request_serializer<http::span_body<const char>> serializer(message);
  serializer.split(true);
  std::string head;
  error_code failed;
  while (!serializer.is_header_done() && !failed) {
    std::size_t bytes = 0;
    serializer.next(failed, [&](error_code&, const auto& buffers) {
      for (const asio::const_buffer buffer : beast::buffers_range_ref(buffers)) {
        head.append(static_cast<const char*>(buffer.data()), buffer.size());
        bytes += buffer.size();
      }
    });
    if (!failed) serializer.consume(bytes);
  }
  return head;
}

constexpr std::size_t together_bytes = 16 * 1024, read_bytes = 64 * 1024;
constexpr int reads_per_turn = 16;  // of one answer before others have their turn

// A small body goes in one piece with its head: one packet, one TLS record.
awaitable<Tried> send_both(ByteStream* stream, std::string head, std::string_view body) {
  const std::size_t taken = head.size() + body.size() <= together_bytes ? body.size() : 0;
  head.append(body.substr(0, taken));
  body.remove_prefix(taken);
  auto sent = co_await write_all(stream, head);
  if (sent.state != Tried::State::done || body.empty()) co_return sent;
  sent = co_await write_all(stream, body);
  co_return sent;
}

bool is_limit(const error_code& failed) {
  return failed == http::error::body_limit || failed == http::error::header_limit ||
         failed == http::error::buffer_overflow;
}

// Hands the parser what came. Why there will be no answer, or "".
std::string take(const Tried& got, beast::flat_buffer& buffer, http::response_parser<http::string_body>& parser,
                 MessageBudget& budget, bool& too_large) {
  if (got.state == Tried::State::failed) return got.error;
  error_code failed;
  if (got.state == Tried::State::ended) {
    if (!parser.got_some()) return error_code(http::error::end_of_stream).message();
    parser.put_eof(failed);
    return failed ? failed.message() : "";
  }
  buffer.commit(got.bytes);
  failed = budget.feed(parser, buffer);
  too_large = is_limit(failed);
  if (failed) return failed.message();
  const char* const wrong = parser.is_header_done() ? framing_problem(parser.get()) : nullptr;
  return wrong ? std::string("the answer cannot be read: ") + wrong : "";
}

// All bodies that are being received.
struct Receiving {
  std::uint64_t bytes = 0;
  std::size_t many = 0;
};

class OneReceived {
 public:
  explicit OneReceived(Receiving& all) : all_(all) { ++all_.many; }
  ~OneReceived() {
    --all_.many;
    all_.bytes -= bytes_;
  }
  OneReceived(const OneReceived&) = delete;
  OneReceived& operator=(const OneReceived&) = delete;

  bool fits(std::uint64_t bytes, std::uint64_t most) {
    all_.bytes += bytes - bytes_;
    bytes_ = bytes;
    return all_.bytes <= most || bytes_ <= most / all_.many;
  }

 private:
  Receiving& all_;
  std::uint64_t bytes_ = 0;
};

struct Exchange {
  HttpResult result;
  bool closed_unanswered = false;  // not one byte of an answer came
  bool reusable = false;
};

}  // namespace

struct HttpClient::State {
  State(HttpClientLimits its_limits, std::shared_ptr<Connector> its_tls)
      : limits(its_limits), tls(std::move(its_tls)) {}

  HttpClientLimits limits;
  std::shared_ptr<Connector> plain = plain_connector(), tls;
  std::map<std::string, std::deque<std::unique_ptr<Kept>>> idle;  // by scheme and authority
  Receiving receiving;

  std::unique_ptr<Kept> take_kept(const std::string& key) {
    auto& waiting = idle[key];
    while (!waiting.empty()) {
      auto kept = std::move(waiting.back());
      waiting.pop_back();
      if (Clock::now() - kept->since < limits.idle && is_usable(*kept->stream)) return kept;
    }
    idle.erase(key);
    return nullptr;
  }
  void keep(const std::string& key, std::unique_ptr<Kept> kept) {
    auto now = Clock::now();
    for (auto at = idle.begin(); at != idle.end();) {
      std::erase_if(at->second, [&](const auto& old) { return now - old->since >= limits.idle; });
      at = at->second.empty() ? idle.erase(at) : std::next(at);
    }
    auto& waiting = idle[key];
    kept->fresh = false;
    kept->since = now;
    waiting.push_back(std::move(kept));
    if (waiting.size() > limits.idle_per_host) waiting.pop_front();
  }

  awaitable<HttpResult> perform(Url url, Request request, std::string_view body);
  awaitable<Exchange> exchange(Kept* connection, const Message* message);
};

awaitable<Exchange> HttpClient::State::exchange(Kept* connection, const Message* message) {
  Exchange exchange;
  const std::string head = head_of(*message);
  const std::string_view body(message->body().data(), message->body().size());
  auto sent = co_await send_both(connection->stream.get(), head, body);
  beast::flat_buffer buffer(limits.header_bytes + read_bytes);
  MessageBudget budget(limits.header_bytes, limits.body_bytes);
  http::response_parser<http::string_body> parser;
  parser.header_limit(limits.header_bytes);
  parser.body_limit(limits.body_bytes);
  parser.eager(true);
  if (message->method() == http::verb::head) parser.skip(true);
  // Even when sending failed an answer may be there: a server that refuses a large body early.
  std::string failure;
  OneReceived received(receiving);
  for (int turn = 1; !parser.is_done() && failure.empty(); ++turn) {
    if (turn % reads_per_turn == 0) co_await asio::post(asio::use_awaitable);  // a server that is fast is not alone
    const auto room = room_in(buffer, read_bytes);
    auto got = co_await read_some(connection->stream.get(), static_cast<char*>(room.data()), room.size());
    failure = take(got, buffer, parser, budget, exchange.result.too_large);
    if (failure.empty() && !received.fits(parser.get().body().size(), limits.bodies_bytes)) {
      exchange.result.crowded = true;
      failure = "all answers together are too large, and this one is larger than its part";
    }
  }
  if (!failure.empty()) {
    exchange.closed_unanswered = !parser.got_some();
    exchange.result.error = sent.error.empty() ? "receive: " + failure : "send: " + sent.error;
    co_return exchange;
  }
  exchange.reusable = parser.keep_alive() && sent.error.empty() && buffer.size() == 0;
  exchange.result.response = to_response(parser.release());
  co_return exchange;
}

awaitable<HttpResult> HttpClient::State::perform(Url url, Request request, std::string_view body) {
  const std::string key = url.scheme + "://" + url.authority();
  const auto connector = url.scheme == "https" ? tls : plain;
  bool repeatable = may_be_repeated(request.method);
  auto message = to_message(url, request, body.data() ? body : std::string_view(request.body));
  HttpResult result;
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto connection = attempt == 0 ? take_kept(key) : nullptr;
    if (!connection) {
      Endpoint endpoint(url.host, url.port);
      auto opened = co_await connector->open(endpoint, limits.connect);
      if (!opened.ok()) {
        result.error = opened.error;
        co_return result;
      }
      connection = std::make_unique<Kept>(std::move(opened.stream));
    }
    auto exchanged = co_await exchange(connection.get(), &message);
    bool stale = !connection->fresh && exchanged.closed_unanswered && repeatable;
    result = std::move(exchanged.result);
    if (exchanged.reusable) keep(key, std::move(connection));
    if (!stale) break;
  }
  if (!result.error.empty()) result.error = to_string(url) + ": " + result.error;
  co_return result;
}

HttpClient::HttpClient(asio::io_context&, HttpClientLimits limits, std::shared_ptr<Connector> tls)
    : state_(std::make_unique<State>(limits, std::move(tls))) {}
HttpClient::~HttpClient() = default;

awaitable<HttpResult> HttpClient::send(std::string url, Request request, std::string_view body,
                                       std::chrono::milliseconds total) {
  HttpResult result;
  auto parsed = parse_url(url, result.error);
  if (!parsed) {
    result.error = "the URL \"" + url + "\" " + result.error;
    co_return result;
  }
  if (parsed->scheme == "https" && !state_->tls) {
    result.error = url + ": this program cannot speak TLS";
    co_return result;
  }
  auto work = state_->perform(*parsed, std::move(request), body);
  auto finished = co_await with_timeout(std::move(work), total);
  if (finished) co_return std::move(*finished);
  result.error = url + ": no answer within " + std::to_string(total.count()) + " ms";
  result.timed_out = true;
  co_return result;
}

awaitable<HttpResult> HttpClient::send(std::string url, Request request, std::chrono::milliseconds total) {
  return send(std::move(url), std::move(request), std::string_view(), total);
}

awaitable<HttpResult> HttpClient::send(std::string url, Request request, std::string_view body) {
  return send(std::move(url), std::move(request), body, state_->limits.total);
}

awaitable<HttpResult> HttpClient::send(std::string url, Request request) {
  return send(std::move(url), std::move(request), std::string_view(), state_->limits.total);
}

void HttpClient::limit_bodies(std::uint64_t bytes) { state_->limits.body_bytes = bytes; }
void HttpClient::limit_bodies_together(std::uint64_t bytes) { state_->limits.bodies_bytes = bytes; }

awaitable<HttpResult> HttpClient::get(std::string url) { return send(std::move(url), Request("GET", "/")); }

}  // namespace tandem::net
