// The guestbook's routes. Entries lie in Redis: "guestbook:last" counts them, "guestbook:entry:ID" holds each.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "core/net/http_server.hpp"
#include "examples/guestbook/src/access_log.hpp"
#include "examples/guestbook/src/entry.hpp"
#include "examples/guestbook/src/redis_client.hpp"

namespace tandem::guestbook {

class Guestbook {
 public:
  Guestbook(RedisClient& redis, AccessLog& access_log) : redis_(redis), access_log_(access_log) {}

  // POST /entries, GET /entries?limit=N, GET /: without Redis 503, for a browser as a page that says so.
  // GET /about, GET /stats, GET /healthz: without Redis as with it.
  void add_routes(net::HttpServer& server);

 private:
  using Handler = net::awaitable<net::Response> (Guestbook::*)(net::Request);
  void route(net::HttpServer& server, const char* method, const char* path, Handler handler);
  net::awaitable<net::Response> answer(Handler handler, net::Request request);

  net::awaitable<net::Response> add_entry(net::Request request);
  net::awaitable<net::Response> list_entries(net::Request request);
  net::awaitable<net::Response> show_page(net::Request request);
  net::awaitable<net::Response> show_about(net::Request request);
  net::awaitable<net::Response> not_found(net::Request request);
  net::Response show_stats() const;

  // The newest first. False with `why` filled: Redis could not be asked.
  net::awaitable<bool> read_entries(std::int64_t limit, std::vector<Entry>* entries, std::string* why);

  RedisClient& redis_;
  AccessLog& access_log_;
  std::array<std::uint64_t, 6> by_status_{};  // [2]: 2xx
  std::uint64_t requests_ = 0, written_ = 0, read_ = 0, in_progress_ = 0;
  double seconds_ = 0;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace tandem::guestbook
