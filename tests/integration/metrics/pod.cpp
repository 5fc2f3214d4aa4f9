#include "tests/integration/metrics/pod.hpp"

#include <csignal>

#include "core/net/timeout.hpp"
#include "core/os/process.hpp"
#include "tests/support/skip.hpp"

namespace tandem::test {

const std::string adapter_program = TANDEM_BINARY_DIR "/bin/tandem-metrics";

std::string reason_to_skip() {
  for (const char* name : {"nginx", "redis-server", "promtool", "prometheus"})
    if (find_program(name).empty()) return std::string(name) + " is not there (tests/support/unpack-servers)";
  return "";
}

Nginx::Nginx() : port(free_port()) {
  auto folder = directory_.path().string();
  write_file(directory_ / "nginx.conf", "daemon off; master_process off; pid " + folder +
                                            "/pid; error_log stderr;\nevents {}\nhttp {\n  access_log off;\n"
                                            "  client_body_temp_path " +
                                            folder + "; proxy_temp_path " + folder + "; fastcgi_temp_path " + folder +
                                            "; uwsgi_temp_path " + folder + "; scgi_temp_path " + folder +
                                            ";\n  server {\n    listen 127.0.0.1:" + std::to_string(port) +
                                            ";\n    location /status { stub_status; }\n  }\n}\n");
  child_.emplace(
      std::vector<std::string>{find_program("nginx"), "-e", "stderr", "-c", folder + "/nginx.conf", "-p", folder},
      directory_ / "log");
  wait_until([&] { return can_connect(port); });
}

Redis::Redis(const std::string& password) : port(free_port()), password_(password) { start(); }

void Redis::start() {
  std::vector<std::string> command = {find_program("redis-server"),
                                      "--port",
                                      std::to_string(port),
                                      "--bind",
                                      "127.0.0.1",
                                      "--dir",
                                      directory_.path().string(),
                                      "--save",
                                      ""};
  if (!password_.empty()) command.insert(command.end(), {"--requirepass", password_});
  child_.emplace(command, directory_ / "log");
  wait_until([&] { return can_connect(port); });
}

void Redis::kill() {
  child_->signal(SIGKILL);
  child_->wait();
}

namespace {

net::awaitable<net::Response> later(net::Response response, std::chrono::milliseconds delay) {
  if (delay.count() > 0) co_await net::sleep_for(delay);
  co_return response;
}

}  // namespace

App::App() : server_(io_) {
  server_.listen(net::Endpoint("127.0.0.1", 0));
  port = server_.endpoints().front().port;
  asio::co_spawn(io_, server_.run(), [](std::exception_ptr) {});
  thread_ = std::thread([this] { io_.run(); });
}

App::~App() {
  io_.stop();
  thread_.join();
}

void App::on(const std::string& path, std::string type, std::string body, std::chrono::milliseconds delay) {
  net::Response response(200, std::move(body), std::move(type));
  asio::post(io_, [=, this] {
    server_.route_async("GET", path, [=, this](net::Request) {
      ++requests;
      return later(response, delay);
    });
  });
}

std::string Adapter::config(const std::string& sources, const std::string& more) const {
  return "listen: 127.0.0.1:" + std::to_string(port) + "\nsources:\n" + sources + more;
}

Adapter::Adapter(const std::string& sources, const std::string& more)
    : port(free_port()), process(adapter_program, config(sources, more)) {
  if (!process.healthy()) throw std::runtime_error("tandem-metrics did not start: " + process.output());
}

bool has_line(const std::string& page, const std::string& line) {
  return ("\n" + page).find("\n" + line + "\n") != std::string::npos;
}

std::string promtool_errors(const std::string& page) {
  auto verdict = run_command({find_program("promtool"), "check", "metrics"}, page);
  // 3: the page is fine, but names are not as Prometheus' guide wants them; those are the sources' business.
  return verdict.status.code == 0 || verdict.status.code == 3 ? "" : verdict.errors + to_string(verdict.status);
}

}  // namespace tandem::test
