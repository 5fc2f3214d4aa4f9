#include "adapter/metrics/fetch.hpp"

#include "adapter/metrics/format.hpp"
#include "adapter/metrics/redis_reply.hpp"
#include "core/net/connect.hpp"
#include "core/net/timeout.hpp"
#include "core/observe/mask_secret.hpp"

namespace tandem::metrics {

namespace {

net::awaitable<Fetched> fetch_http(net::HttpClient* client, std::shared_ptr<const Source> source,
                                   std::chrono::milliseconds limit) {
  net::Request request("GET", "");
  request.headers.set("Accept",
                      source->format->type == "json" ? "application/json" : "text/plain;version=0.0.4,*/*;q=0.1");
  request.headers.set("User-Agent", "tandem-metrics");
  auto result = co_await client->send(source->url, std::move(request), limit);
  Fetched fetched;
  fetched.error = result.error;
  fetched.too_large = result.too_large;
  fetched.crowded = result.crowded;
  if (fetched.crowded)
    fetched.error = source->url + ": all answers together are larger than limits.pageBytes, and this one than its part";
  if (fetched.too_large) fetched.error = source->url + ": the answer is larger than limits.answerBytes";
  if (result.answered() && result.response.status != 200)
    fetched.error = source->url + ": HTTP status " + std::to_string(result.response.status);
  fetched.bytes = std::move(result.response.body);
  co_return fetched;
}

net::awaitable<Fetched> ask_redis(std::shared_ptr<const Source> source, std::chrono::milliseconds limit,
                                  std::uint64_t most_bytes) {
  Fetched fetched;
  auto connected = co_await net::connect_to(source->address, limit);
  fetched.error = connected.error;
  if (!connected.ok()) co_return fetched;
  std::string request;
  std::size_t to_skip = source->password.empty() ? 0 : 1;
  if (to_skip) request += redis_command({"AUTH", source->password});
  request += redis_command({"INFO"});
  auto [unsent, sent] = co_await asio::async_write(connected.socket, asio::buffer(request), net::as_result);
  std::string bytes;
  std::string piece(16 * 1024, '\0');
  while (!unsent) {
    auto reply = read_redis_reply(bytes, most_bytes);
    if (reply.state == RedisReply::State::incomplete) {
      auto [unread, got] = co_await connected.socket.async_read_some(asio::buffer(piece), net::as_result);
      if (unread) break;
      bytes.append(piece, 0, got);
      continue;
    }
    if (reply.state == RedisReply::State::text && to_skip > 0) {
      --to_skip;
      bytes.erase(0, reply.length);
      continue;
    }
    if (reply.state == RedisReply::State::text) fetched.bytes = std::string(reply.text);
    if (reply.state == RedisReply::State::error)
      fetched.error = to_string(source->address) + ": " + std::string(reply.text);
    if (reply.state == RedisReply::State::broken)
      fetched.error = to_string(source->address) + ": it does not speak Redis' protocol";
    co_return fetched;
  }
  fetched.error = to_string(source->address) + ": it closed the connection";
  co_return fetched;
}

// Whom it asked is ours to say; all that follows may be the peer's words.
std::string without_password(const std::string& error, const Source& source) {
  const std::string whom = to_string(source.address) + ": ";
  const std::size_t ours = error.starts_with(whom) ? whom.size() : 0;
  return error.substr(0, ours) + observe::mask_secret(std::string_view(error).substr(ours), source.password);
}

}  // namespace

net::awaitable<Fetched> fetch(net::HttpClient* client, std::shared_ptr<const Source> source,
                              std::chrono::milliseconds limit, std::uint64_t most_bytes) {
  if (source->format->transport == Transport::http) {
    auto fetched = co_await fetch_http(client, source, limit);
    co_return fetched;
  }
  auto work = ask_redis(source, limit, most_bytes);
  auto fetched = co_await net::with_timeout(std::move(work), limit);
  if (fetched) {
    fetched->error = without_password(fetched->error, *source);
    co_return std::move(*fetched);
  }
  Fetched late;
  late.error = to_string(source->address) + ": no answer within " + std::to_string(limit.count()) + " ms";
  co_return late;
}

}  // namespace tandem::metrics
