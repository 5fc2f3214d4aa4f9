#include "core/net/http_client.hpp"

#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/http/span_body.hpp>
#include <deque>
#include <map>

#include "core/net/connect.hpp"
#include "core/net/timeout.hpp"
#include "core/net/url.hpp"

namespace tandem::net {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using Clock = std::chrono::steady_clock;

namespace {

class Kept {
 public:
  explicit Kept(Socket open) : socket(std::move(open)) {}
  Socket socket;
  Clock::time_point since = Clock::now();
  bool fresh = true;  // nothing was sent on it yet
};

// A kept connection that has something to read is closed or out of step: it cannot be used again.
bool is_usable(Socket& socket) {
  char byte;
  auto got = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

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

struct Exchange {
  HttpResult result;
  bool closed_unanswered = false;  // not one byte of an answer came
  bool reusable = false;
};

}  // namespace

struct HttpClient::State {
  State(asio::io_context& context, HttpClientLimits its_limits) : io(context), limits(its_limits) {}

  asio::io_context& io;
  HttpClientLimits limits;
  std::map<std::string, std::deque<std::unique_ptr<Kept>>> idle;  // by authority

  std::unique_ptr<Kept> take(const std::string& authority) {
    auto& waiting = idle[authority];
    while (!waiting.empty()) {
      auto kept = std::move(waiting.back());
      waiting.pop_back();
      if (Clock::now() - kept->since < limits.idle && is_usable(kept->socket)) return kept;
    }
    idle.erase(authority);
    return nullptr;
  }
  void keep(const std::string& authority, std::unique_ptr<Kept> kept) {
    auto now = Clock::now();
    for (auto at = idle.begin(); at != idle.end();) {
      std::erase_if(at->second, [&](const auto& old) { return now - old->since >= limits.idle; });
      at = at->second.empty() ? idle.erase(at) : std::next(at);
    }
    auto& waiting = idle[authority];
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
  http::request_serializer<http::span_body<const char>> serializer(*message);
  auto [unsent, sent] = co_await http::async_write(connection->socket, serializer, as_result);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.header_limit(limits.header_bytes);
  parser.body_limit(limits.body_bytes);
  if (message->method() == http::verb::head) parser.skip(true);
  // Even when sending failed an answer may be there: a server that refuses a large body early.
  auto [unread, got] = co_await http::async_read(connection->socket, buffer, parser, as_result);
  if (unread) {
    exchange.closed_unanswered = got == 0;
    exchange.result.error = unsent ? "send: " + unsent.message() : "receive: " + unread.message();
    co_return exchange;
  }
  exchange.reusable = parser.keep_alive() && !unsent && buffer.size() == 0;
  exchange.result.response = to_response(parser.release());
  co_return exchange;
}

awaitable<HttpResult> HttpClient::State::perform(Url url, Request request, std::string_view body) {
  auto authority = url.authority();
  bool repeatable = may_be_repeated(request.method);
  auto message = to_message(url, request, body.data() ? body : std::string_view(request.body));
  HttpResult result;
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto connection = attempt == 0 ? take(authority) : nullptr;
    if (!connection) {
      Endpoint endpoint(url.host, url.port);
      auto connected = co_await connect_to(endpoint, limits.connect);
      if (!connected.ok()) {
        result.error = connected.error;
        co_return result;
      }
      connection = std::make_unique<Kept>(std::move(connected.socket));
    }
    auto exchanged = co_await exchange(connection.get(), &message);
    bool stale = !connection->fresh && exchanged.closed_unanswered && repeatable;
    result = std::move(exchanged.result);
    if (exchanged.reusable) keep(authority, std::move(connection));
    if (!stale) break;
  }
  if (!result.error.empty()) result.error = to_string(url) + ": " + result.error;
  co_return result;
}

HttpClient::HttpClient(asio::io_context& io, HttpClientLimits limits) : state_(std::make_unique<State>(io, limits)) {}
HttpClient::~HttpClient() = default;

awaitable<HttpResult> HttpClient::send(std::string url, Request request, std::string_view body,
                                       std::chrono::milliseconds total) {
  HttpResult result;
  auto parsed = parse_url(url, result.error);
  if (!parsed) {
    result.error = "the URL \"" + url + "\" " + result.error;
    co_return result;
  }
  if (parsed->scheme == "https") {
    result.error = url + ": TLS is not there yet";
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

awaitable<HttpResult> HttpClient::get(std::string url) { return send(std::move(url), Request("GET", "/")); }

}  // namespace tandem::net
