// guestbook: a small web program that keeps its entries in the Redis beside it. It knows nothing of clusters, of
// Prometheus or of log collectors.
#include <boost/asio/signal_set.hpp>
#include <cstdio>

#include "core/config/command_line.hpp"
#include "core/os/error.hpp"
#include "examples/guestbook/src/guestbook.hpp"

namespace {

namespace net = tandem::net;
using namespace std::chrono_literals;

net::Endpoint endpoint(const std::string& text) {
  std::string why;
  const auto parsed = net::parse_endpoint(text, why);
  if (!parsed) throw tandem::Error(tandem::Fault::user, "use address", "\"" + text + "\"", why);
  return *parsed;
}

void serve(const net::Endpoint& listen, const net::Endpoint& redis_address, const std::string& log,
           std::uint64_t rotate) {
  boost::asio::io_context io(1);
  tandem::guestbook::RedisClient redis(io, redis_address, 2s);
  tandem::guestbook::AccessLog access_log(log, rotate);
  tandem::guestbook::Guestbook guestbook(redis, access_log);
  net::HttpServer server(io);
  guestbook.add_routes(server);
  server.on_error([](const net::Request& request, const std::string& what) {
    std::fprintf(stderr, "guestbook: %s %s: %s\n", request.method.c_str(), request.target.c_str(), what.c_str());
  });
  server.listen(listen);
  std::fprintf(stderr, "guestbook: listening on %s\n", net::to_string(server.endpoints().front()).c_str());

  boost::asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) server.stop();
  });
  std::exception_ptr failure;
  boost::asio::co_spawn(io, server.run(), [&](std::exception_ptr thrown) {
    failure = thrown;
    signals.cancel();
    redis.stop();
  });
  io.run();
  if (failure) std::rethrow_exception(failure);
  std::fprintf(stderr, "guestbook: every request is answered, the end\n");
}

}  // namespace

int main(int argc, char** argv) {
  std::string listen = "0.0.0.0:8000", redis = "127.0.0.1:6379", log;
  std::uint64_t rotate = 1 << 20;
  const tandem::command_line::Command guestbook{
      .name = "guestbook",
      .help = "A guestbook that keeps its entries in Redis",
      .options = {{.names = "--listen",
                   .help = "Where it serves HTTP",
                   .target = &listen,
                   .value_name = "HOST:PORT",
                   .show_default = true},
                  {.names = "--redis",
                   .help = "Where its entries are",
                   .target = &redis,
                   .value_name = "HOST:PORT",
                   .show_default = true},
                  {.names = "--access-log",
                   .help = "One line per request; none without it",
                   .target = &log,
                   .value_name = "FILE"},
                  {.names = "--rotate-bytes",
                   .help = "Rename the log when it is this large, keep two",
                   .target = &rotate,
                   .show_default = true,
                   .range = tandem::command_line::Range{4096, std::uint64_t{1} << 40}}},
      .run = [&] { serve(endpoint(listen), endpoint(redis), log, rotate); }};
  try {
    return tandem::command_line::run(guestbook, argc, argv);
  } catch (const tandem::Error& error) {
    std::fprintf(stderr, "guestbook: %s\n", error.what());
    return tandem::exit_code(error.fault());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "guestbook: %s\n", error.what());
    return tandem::exit_code(tandem::Fault::bug);
  }
}
