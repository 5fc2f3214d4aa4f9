#include "core/net/http_server.hpp"

#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <exception>
#include <list>
#include <map>
#include <set>

#include "core/net/listener.hpp"
#include "core/net/peer.hpp"
#include "core/net/timeout.hpp"
#include "core/os/error.hpp"

namespace tandem::net {

namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

struct Route {
  HttpServer::Handler plain;
  HttpServer::AsyncHandler async;
};
using Methods = std::map<std::string, Route>;

// One client. Its one timer closes the socket when the phase it is in takes too long: that ends whatever is awaited.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(Socket open) : socket(std::move(open)), timer_(socket.get_executor()) {}

  void limit(std::chrono::milliseconds time) {
    timer_.expires_after(time);
    timer_.async_wait([weak = weak_from_this()](error_code error) {
      auto self = weak.lock();
      if (!error && self) self->close();
    });
  }
  void close() {
    error_code ignored;
    timer_.cancel();
    socket.close(ignored);
  }
  void abort() {  // its handler's waits too
    close();
    cancel.emit(asio::cancellation_type::terminal);
  }

  Socket socket;
  beast::flat_buffer buffer;
  asio::cancellation_signal cancel;
  bool idle = true;  // between requests

 private:
  asio::steady_timer timer_;
};

Request to_request(http::request<http::string_body>&& message, const Peer& peer) {
  Request request(std::string(message.method_string()), std::string(message.target()));
  for (const auto& field : message) request.headers.add(std::string(field.name_string()), std::string(field.value()));
  request.body = std::move(message.body());
  request.peer = peer.text;
  request.peer_is_local = peer.is_local;
  return request;
}

template <class Body>
void fill(http::response<Body>& message, const Response& response, bool keep_alive) {
  message.version(11);
  message.result(static_cast<unsigned>(response.status));
  if (!response.content_type.empty()) message.set(http::field::content_type, response.content_type);
  for (const auto& [name, value] : response.headers.all()) message.insert(name, value);
  if (response.status >= 200 && response.status != 204 && response.status != 304)
    message.content_length(response.body.size());
  message.keep_alive(keep_alive);
}

awaitable<error_code> write_response(std::shared_ptr<Connection> connection, Response response, bool keep_alive,
                                     bool head) {
  if (head) {
    http::response<http::empty_body> message;
    fill(message, response, keep_alive);
    auto [error, sent] = co_await http::async_write(connection->socket, message, as_result);
    co_return error;
  }
  http::response<http::string_body> message;
  fill(message, response, keep_alive);
  message.body() = std::move(response.body);
  auto [error, sent] = co_await http::async_write(connection->socket, message, as_result);
  co_return error;
}

Response refusal(error_code error) {
  if (error == http::error::header_limit) return Response(431, "the request's headers are too large\n");
  if (error == http::error::body_limit) return Response(413, "the request's body is too large\n");
  return Response(400, "this is no HTTP request: " + error.message() + "\n");
}

// RFC 9112, section 3.2: none or two are answered with 400.
template <class Message>
bool names_one_host(const Message& message) {
  const auto hosts = message.count(http::field::host);
  return hosts == 1 || (hosts == 0 && message.version() < 11);
}

bool is_parse_error(error_code error) {
  return error.category() == make_error_code(http::error::bad_method).category() &&
         error != http::error::end_of_stream && error != http::error::partial_message;
}

// Closing while the client still sends would reset the connection and lose our last answer.
awaitable<void> linger(std::shared_ptr<Connection> connection) {
  error_code ignored;
  connection->socket.shutdown(Socket::shutdown_send, ignored);
  connection->limit(std::chrono::seconds(2));
  char waste[4096];
  for (int i = 0; i < 256; ++i) {
    auto [error, got] = co_await connection->socket.async_read_some(asio::buffer(waste), as_result);
    if (error) break;
  }
}

}  // namespace

struct HttpServer::State {
  State(asio::io_context& context, HttpServerLimits its_limits)
      : io(context), limits(its_limits), changed(context, asio::steady_timer::time_point::max()) {}

  asio::io_context& io;
  HttpServerLimits limits;
  std::map<std::string, Methods> exact, prefixes;
  std::function<void(const Request&, const std::string&)> tell;
  std::function<std::optional<Response>(const Request&)> refuse;
  std::list<Listener> listeners;
  std::set<std::shared_ptr<Connection>> connections;
  asio::steady_timer changed;  // cancelled whenever a connection or an accept loop ends
  std::size_t accepting = 0;
  std::uint64_t requests = 0;
  bool stopping = false;
  std::exception_ptr failure;

  const Methods* find(const std::string& path) const {
    if (auto found = exact.find(path); found != exact.end()) return &found->second;
    const Methods* best = nullptr;  // the map is sorted: a longer prefix of the same path comes later
    for (const auto& [prefix, methods] : prefixes)
      if (path.starts_with(prefix)) best = &methods;
    return best;
  }
  void note(std::exception_ptr error) {
    if (error && !failure) failure = error;
    changed.cancel();
  }

  static awaitable<Response> answer(std::shared_ptr<State> state, Request request);
  static awaitable<Response> handle(std::shared_ptr<State> state, Request request);
  static awaitable<void> serve(std::shared_ptr<State> state, std::shared_ptr<Connection> connection);
  static awaitable<void> accept_all(std::shared_ptr<State> state, Listener* listener);
};

awaitable<Response> HttpServer::State::answer(std::shared_ptr<State> state, Request request) {
  if (auto refused = state->refuse ? state->refuse(request) : std::nullopt) co_return std::move(*refused);
  const Methods* methods = state->find(std::string(request.path()));
  if (!methods) co_return Response(404, "there is nothing at this path\n");
  auto found = methods->find(request.method);
  if (found == methods->end() && request.method == "HEAD") found = methods->find("GET");
  if (found == methods->end()) {
    Response response(405, "this path does not take " + request.method + "\n");
    std::string allowed;
    for (const auto& [method, route] : *methods) allowed += (allowed.empty() ? "" : ", ") + method;
    response.headers.set("Allow", allowed);
    co_return response;
  }
  if (found->second.plain) co_return found->second.plain(request);
  auto work = found->second.async(request);
  auto response = co_await with_timeout(std::move(work), state->limits.handler);
  if (!response) co_return Response(503, "no answer in time\n");
  co_return std::move(*response);
}

awaitable<Response> HttpServer::State::handle(std::shared_ptr<State> state, Request request) {
  std::string what;
  try {
    auto response = co_await answer(state, request);
    co_return response;
  } catch (const std::exception& error) {
    what = error.what();
  }
  if (state->tell) state->tell(request, what);
  co_return Response(500, "the server failed: " + what + "\n");
}

awaitable<void> HttpServer::State::serve(std::shared_ptr<State> state, std::shared_ptr<Connection> connection) {
  auto peer = peer_of(connection->socket.native_handle());
  while (!state->stopping) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(state->limits.header_bytes);
    parser.body_limit(state->limits.body_bytes);
    connection->idle = true;
    connection->limit(state->limits.idle);
    if (connection->buffer.size() == 0) {
      auto space = connection->buffer.prepare(4096);
      auto [closed, got] = co_await connection->socket.async_read_some(space, as_result);
      if (closed) break;
      connection->buffer.commit(got);
    }
    connection->idle = false;
    connection->limit(state->limits.transfer);
    auto [bad_header, header_bytes] =
        co_await http::async_read_header(connection->socket, connection->buffer, parser, as_result);
    error_code error = bad_header;
    if (!error && parser.get()[http::field::expect] == "100-continue" && !parser.is_done()) {
      static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
      auto [unsent, sent] = co_await asio::async_write(connection->socket, asio::buffer(go_on), as_result);
      error = unsent;
    }
    if (!error) {
      auto [bad_body, body_bytes] =
          co_await http::async_read(connection->socket, connection->buffer, parser, as_result);
      error = bad_body;
    }
    if (error) {
      if (!is_parse_error(error)) break;
      auto response = refusal(error);
      auto unsent = co_await write_response(connection, std::move(response), false, false);
      if (!unsent) co_await linger(connection);
      break;
    }
    connection->limit(state->limits.handler + std::chrono::seconds(1));
    bool keep_alive = parser.keep_alive();
    if (!names_one_host(parser.get())) {
      auto unsent = co_await write_response(connection, Response(400, "a request names one host\n"), false, false);
      if (!unsent) co_await linger(connection);
      break;
    }
    auto request = to_request(parser.release(), peer);
    bool head = request.method == "HEAD";
    auto response = co_await handle(state, std::move(request));
    ++state->requests;
    keep_alive = keep_alive && !state->stopping;
    connection->limit(state->limits.transfer);
    auto unsent = co_await write_response(connection, std::move(response), keep_alive, head);
    if (unsent || !keep_alive) break;
  }
  connection->close();
}

awaitable<void> HttpServer::State::accept_all(std::shared_ptr<State> state, Listener* listener) {
  while (!state->stopping) {
    if (state->connections.size() >= state->limits.connections) {
      auto [ended] = co_await state->changed.async_wait(as_result);
      static_cast<void>(ended);
      continue;
    }
    auto socket = co_await listener->accept();
    if (!socket) break;
    auto connection = std::make_shared<Connection>(std::move(*socket));
    state->connections.insert(connection);
    auto ended = [state, connection](std::exception_ptr error) {
      state->connections.erase(connection);
      state->note(error);
    };
    auto slot = connection->cancel.slot();
    asio::co_spawn(state->io, serve(state, connection), asio::bind_cancellation_slot(slot, std::move(ended)));
  }
}

HttpServer::HttpServer(asio::io_context& io, HttpServerLimits limits) : state_(std::make_shared<State>(io, limits)) {}
HttpServer::~HttpServer() {
  stop();
  for (auto connections = state_->connections; const auto& connection : connections) connection->abort();
}

void HttpServer::route(const std::string& method, const std::string& path, Handler handler) {
  bool prefix = path.ends_with("/*");
  auto& methods = prefix ? state_->prefixes[path.substr(0, path.size() - 1)] : state_->exact[path];
  methods[method].plain = std::move(handler);
}

void HttpServer::route_async(const std::string& method, const std::string& path, AsyncHandler handler) {
  bool prefix = path.ends_with("/*");
  auto& methods = prefix ? state_->prefixes[path.substr(0, path.size() - 1)] : state_->exact[path];
  methods[method].async = std::move(handler);
}

void HttpServer::on_error(std::function<void(const Request&, const std::string&)> tell) {
  state_->tell = std::move(tell);
}

void HttpServer::guard(std::function<std::optional<Response>(const Request&)> refuse) {
  state_->refuse = std::move(refuse);
}

void HttpServer::listen(const Endpoint& endpoint) { state_->listeners.emplace_back(state_->io, endpoint); }

std::vector<Endpoint> HttpServer::endpoints() const {
  std::vector<Endpoint> all;
  for (const auto& listener : state_->listeners) all.push_back(listener.endpoint());
  return all;
}

awaitable<void> HttpServer::run() {
  auto state = state_;
  co_await asio::this_coro::throw_if_cancelled(false);
  for (auto& listener : state->listeners) {
    ++state->accepting;
    asio::co_spawn(state->io, State::accept_all(state, &listener), [state](std::exception_ptr error) {
      --state->accepting;
      state->note(error);
    });
  }
  for (;;) {
    auto cancellation = co_await asio::this_coro::cancellation_state;
    bool cancelled = cancellation.cancelled() != asio::cancellation_type::none;
    if (cancelled || state->failure) {
      stop();
      for (auto connections = state->connections; const auto& connection : connections) connection->abort();
    }
    if (state->accepting == 0 && state->connections.empty()) break;
    auto [ended] = co_await state->changed.async_wait(as_result);
    static_cast<void>(ended);
  }
  if (state->failure) std::rethrow_exception(state->failure);
}

void HttpServer::stop() {
  state_->stopping = true;
  for (auto& listener : state_->listeners) listener.close();
  for (auto connections = state_->connections; const auto& connection : connections)
    if (connection->idle) connection->close();
  state_->changed.cancel();
}

std::size_t HttpServer::connections() const { return state_->connections.size(); }
std::uint64_t HttpServer::requests() const { return state_->requests; }

}  // namespace tandem::net
