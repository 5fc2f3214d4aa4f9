#include "core/net/http_server.hpp"

#include <algorithm>
#include <boost/beast/http.hpp>
#include <exception>
#include <list>
#include <map>
#include <utility>

#include "core/net/http_connection.hpp"
#include "core/net/http_framing.hpp"
#include "core/net/listener.hpp"
#include "core/net/message_budget.hpp"
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

using Connection = HttpConnection;
using Phase = HttpConnection::Phase;
using RequestParser = http::request_parser<http::string_body>;

constexpr std::size_t piece_bytes = 16 * 1024;  // of a body, at once

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
  return error.category() == make_error_code(http::error::bad_method).category();
}

bool has_body(const RequestParser& parser) { return parser.chunked() || parser.content_length().value_or(0) > 0; }

bool may_have_body(const std::string& method) { return method == "POST" || method == "PUT" || method == "PATCH"; }

// Until the parser has the headers, or with `whole` everything; or an error of the socket or the message.
awaitable<error_code> read_message(std::shared_ptr<Connection> connection, RequestParser* parser, MessageBudget* budget,
                                   bool whole) {
  while (!parser->is_done()) {
    if (connection->buffer.size() > 0) {
      const error_code failed = budget->feed(*parser, connection->buffer);
      if (failed || (whole ? parser->is_done() : parser->is_header_done())) co_return failed;
    }
    const auto room = room_in(connection->buffer, piece_bytes);
    auto [error, got] = co_await connection->socket.async_read_some(room, as_result);
    if (error) co_return error;
    connection->buffer.commit(got);
  }
  co_return error_code();
}

// Closing while the client still sends would reset the connection and lose our last answer.
awaitable<void> linger(std::shared_ptr<Connection> connection) {
  error_code ignored;
  connection->socket.shutdown(Socket::shutdown_send, ignored);
  connection->enter(Phase::taking, std::chrono::seconds(2));
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
  std::function<void(const std::string&)> tell_limit;
  std::function<std::optional<Response>(const Request&)> refuse;
  std::list<Listener> listeners;
  HttpConnections connections;
  asio::steady_timer changed;  // cancelled whenever a connection or an accept loop ends
  std::size_t accepting = 0;
  std::uint64_t requests = 0, answer_bytes = 0;
  bool stopping = false;

  const Methods* find(const std::string& path) const {
    if (auto found = exact.find(path); found != exact.end()) return &found->second;
    const Methods* best = nullptr;  // the map is sorted: a longer prefix of the same path comes later
    for (const auto& [prefix, methods] : prefixes)
      if (path.starts_with(prefix)) best = &methods;
    return best;
  }
  bool has_route(const Request& request) const {
    const Methods* methods = find(std::string(request.path()));
    return methods && methods->contains(request.method);
  }

  void bite(const char* reason) const {
    if (tell_limit) tell_limit(reason);
  }
  // What ended a connection or an accept; nullptr: nothing. Whoever is told may fail likewise, and ends nothing either.
  void note(const std::exception_ptr& error) const noexcept {
    try {
      if (error) std::rethrow_exception(error);
    } catch (const std::exception& why) {
      try {
        if (tell && !stopping) tell(Request("", ""), why.what());
      } catch (...) {
      }
    } catch (...) {
    }
  }
  // False: nobody can be closed for a new connection.
  bool make_room(const char* reason) const {
    HttpConnection* const longest = longest_waiting(connections);
    if (longest) longest->close();
    if (longest) bite(reason);
    return longest != nullptr;
  }
  // Clients that do not take what they asked for hold it in memory.
  void bound_answers(const Connection& newest) {
    std::uint64_t all = answer_bytes;
    while (all > limits.answer_bytes) {
      HttpConnection* const slowest = longest_waiting(connections, true);
      if (!slowest || slowest == &newest) return;
      all -= slowest->answer_bytes;
      slowest->close();
      bite("answers");
    }
  }

  static awaitable<Response> answer(std::shared_ptr<State> state, Request request);
  static awaitable<Response> handle(std::shared_ptr<State> state, Request request);
  static awaitable<error_code> write(std::shared_ptr<State> state, std::shared_ptr<Connection> connection,
                                     Response response, bool keep_alive, bool head);
  static awaitable<void> write_last(std::shared_ptr<State> state, std::shared_ptr<Connection> connection,
                                    Response response, bool head);
  static awaitable<void> serve(std::shared_ptr<State> state, std::shared_ptr<Connection> connection);
  static awaitable<bool> accept_one(std::shared_ptr<State> state, Listener* listener);
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

awaitable<error_code> HttpServer::State::write(std::shared_ptr<State> state, std::shared_ptr<Connection> connection,
                                               Response response, bool keep_alive, bool head) {
  connection->enter(Phase::taking, state->limits.transfer);
  connection->answer_bytes = response.body.size();
  state->answer_bytes += connection->answer_bytes;
  state->bound_answers(*connection);
  auto error = co_await write_response(connection, std::move(response), keep_alive, head);
  state->answer_bytes -= std::exchange(connection->answer_bytes, 0);
  co_return error;
}

awaitable<void> HttpServer::State::write_last(std::shared_ptr<State> state, std::shared_ptr<Connection> connection,
                                              Response response, bool head) {
  auto unsent = co_await write(state, connection, std::move(response), false, head);
  if (!unsent) co_await linger(connection);
}

awaitable<void> HttpServer::State::serve(std::shared_ptr<State> state, std::shared_ptr<Connection> connection) {
  const HttpServerLimits& limits = state->limits;
  auto peer = peer_of(connection->socket.native_handle());
  for (bool first = true; !state->stopping; first = false) {
    RequestParser parser;
    parser.header_limit(limits.header_bytes);
    parser.body_limit(limits.body_bytes);
    MessageBudget budget(limits.header_bytes, limits.body_bytes);
    connection->enter(Phase::waiting, first ? limits.first_byte : limits.idle);
    if (connection->buffer.size() == 0) {
      auto space = connection->buffer.prepare(4096);
      auto [closed, got] = co_await connection->socket.async_read_some(space, as_result);
      if (closed) {
        if (first && connection->timed_out()) state->bite("silent");
        break;
      }
      connection->buffer.commit(got);
    }
    connection->enter(Phase::sending, limits.transfer);
    auto error = co_await read_message(connection, &parser, &budget, false);
    const auto fields = error ? 0 : std::distance(parser.get().begin(), parser.get().end());
    if (static_cast<std::size_t>(fields) > limits.header_fields) error = http::error::header_limit;
    if (const char* const wrong = error ? nullptr : framing_problem(parser.get())) {
      Response response(400, std::string("this is no HTTP request: ") + wrong + "\n");
      co_await write_last(state, connection, std::move(response), false);
      break;
    }
    const bool body = !error && has_body(parser);
    const std::string method(parser.get().method_string());
    if (body && !(may_have_body(method) && state->has_route(Request(method, std::string(parser.get().target()))))) {
      auto request = to_request(parser.release(), peer);
      const bool routed = state->has_route(request);
      Response response(413, "this path takes no body\n");
      if (!routed) response = co_await handle(state, std::move(request));
      state->bite("size");
      co_await write_last(state, connection, std::move(response), method == "HEAD");
      break;
    }
    if (body && parser.get()[http::field::expect] == "100-continue") {
      static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
      auto [unsent, sent] = co_await asio::async_write(connection->socket, asio::buffer(go_on), as_result);
      error = unsent;
    }
    if (!error) {
      parser.eager(true);
      error = co_await read_message(connection, &parser, &budget, true);
    }
    if (error) {
      if (connection->timed_out()) state->bite("slow");
      if (!is_parse_error(error)) break;
      auto response = refusal(error);
      if (response.status != 400) state->bite("size");
      co_await write_last(state, connection, std::move(response), false);
      break;
    }
    connection->enter(Phase::handling, limits.handler + std::chrono::seconds(1));
    bool keep_alive = parser.keep_alive();
    if (!names_one_host(parser.get())) {
      Response response(400, "a request names one host\n");
      co_await write_last(state, connection, std::move(response), false);
      break;
    }
    auto request = to_request(parser.release(), peer);
    auto response = co_await handle(state, std::move(request));
    ++state->requests;
    keep_alive = keep_alive && !state->stopping;
    auto unsent = co_await write(state, connection, std::move(response), keep_alive, method == "HEAD");
    if (unsent && connection->timed_out()) state->bite("slow");
    if (unsent || !keep_alive) break;
  }
  connection->close();
}

// False: the listener is closed.
awaitable<bool> HttpServer::State::accept_one(std::shared_ptr<State> state, Listener* listener) {
  std::function<bool()> make_room = [state, waits = false]() mutable {
    if (state->make_room("descriptors")) return true;
    if (!std::exchange(waits, true)) state->bite("descriptors");  // as all are at work, this one waits
    return false;
  };
  auto accepted = co_await listener->accept(std::move(make_room));
  if (!accepted) co_return false;
  auto connection = std::make_shared<Connection>(std::move(*accepted), state->limits.header_bytes + piece_bytes);
  for (bool waits = false; state->connections.size() >= state->limits.connections && !state->stopping;) {
    if (!state->make_room("connections") && !std::exchange(waits, true)) state->bite("connections");
    auto [ended] = co_await state->changed.async_wait(as_result);
    static_cast<void>(ended);
  }
  if (state->stopping) co_return false;
  state->connections.insert(connection);
  auto ended = [state, connection](const std::exception_ptr& error) {
    state->answer_bytes -= connection->answer_bytes;
    state->connections.erase(connection);
    state->note(error);
    state->changed.cancel();
  };
  auto slot = connection->cancel.slot();
  asio::co_spawn(state->io, serve(state, connection), asio::bind_cancellation_slot(slot, std::move(ended)));
  co_return true;
}

awaitable<void> HttpServer::State::accept_all(std::shared_ptr<State> state, Listener* listener) {
  while (!state->stopping) {
    std::exception_ptr failure;
    bool open = true;
    try {
      open = co_await accept_one(state, listener);
    } catch (...) {
      failure = std::current_exception();
    }
    if (!open) break;
    if (!failure) continue;
    state->note(failure);
    const bool waited = co_await sleep_for(std::chrono::milliseconds(50));  // for memory
    if (!waited) break;
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

void HttpServer::on_limit(std::function<void(const std::string&)> tell) { state_->tell_limit = std::move(tell); }

void HttpServer::guard(std::function<std::optional<Response>(const Request&)> refuse) {
  state_->refuse = std::move(refuse);
}

void HttpServer::listen(const Endpoint& endpoint) {
  ListenOptions options;
  options.takes_reserve = state_->limits.takes_reserve;
  state_->listeners.emplace_back(state_->io, endpoint, options);
}

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
    asio::co_spawn(state->io, State::accept_all(state, &listener), [state](const std::exception_ptr& error) {
      --state->accepting;
      state->note(error);
      state->changed.cancel();
    });
  }
  for (;;) {
    auto cancellation = co_await asio::this_coro::cancellation_state;
    bool cancelled = cancellation.cancelled() != asio::cancellation_type::none;
    if (cancelled) {
      stop();
      for (auto connections = state->connections; const auto& connection : connections) connection->abort();
    }
    if (state->accepting == 0 && state->connections.empty()) break;
    auto [ended] = co_await state->changed.async_wait(as_result);
    static_cast<void>(ended);
  }
}

void HttpServer::stop() {
  state_->stopping = true;
  for (auto& listener : state_->listeners) listener.close();
  for (auto connections = state_->connections; const auto& connection : connections)
    if (connection->phase() == Phase::waiting) connection->close();
  state_->changed.cancel();
}

std::size_t HttpServer::connections() const { return state_->connections.size(); }
std::uint64_t HttpServer::requests() const { return state_->requests; }

}  // namespace tandem::net
