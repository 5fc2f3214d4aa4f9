// guestbook: a small web program that keeps its entries in the Redis beside it. It knows nothing of clusters, of
// Prometheus or of log collectors.
#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>

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
  });
  io.run();
  if (failure) std::rethrow_exception(failure);
  std::fprintf(stderr, "guestbook: every request is answered, the end\n");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A guestbook that keeps its entries in Redis", "guestbook");
  std::string listen = "0.0.0.0:8000", redis = "127.0.0.1:6379", log;
  std::uint64_t rotate = 1 << 20;
  app.add_option("--listen", listen, "Where it serves HTTP")->capture_default_str()->type_name("HOST:PORT");
  app.add_option("--redis", redis, "Where its entries are")->capture_default_str()->type_name("HOST:PORT");
  app.add_option("--access-log", log, "One line per request; none without it")->type_name("FILE");
  app.add_option("--rotate-bytes", rotate, "Rename the log when it is this large, keep two")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{4096}, std::uint64_t{1} << 40));
  try {
    app.parse(argc, argv);
    serve(endpoint(listen), endpoint(redis), log, rotate);
    return 0;
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return tandem::exit_code(tandem::Fault::user);
  } catch (const tandem::Error& error) {
    std::fprintf(stderr, "guestbook: %s\n", error.what());
    return tandem::exit_code(error.fault());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "guestbook: %s\n", error.what());
    return tandem::exit_code(tandem::Fault::bug);
  }
}
