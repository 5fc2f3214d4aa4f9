#include <catch2/catch.hpp>

#include "core/net/http_client.hpp"
#include "core/net/tls.hpp"
#include "tests/unit/net-tls/tls_server.hpp"
#include "tests/unit/net/on_loop.hpp"

using namespace tandem;
using namespace tandem::net;
using namespace tandem::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

// Answers each whole request with the length of its body.
std::string answer_http(const std::string& all) {
  const auto end = all.find("\r\n\r\n");
  if (end == std::string::npos) return "";
  const auto at = all.find("Content-Length: ");
  const std::size_t length = at < end ? std::stoul(all.substr(at + 16)) : 0;
  if (all.size() < end + 4 + length) return "";
  const std::string body = std::to_string(length);
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// The answer's end is the connection's.
std::string answer_until_close(const std::string&) { return "HTTP/1.1 200 OK\r\n\r\nhalf an ans"; }

struct Setting {
  TemporaryDirectory folder;
  Authority ours{folder.path(), "ours"};
  CertificateFiles server = ours.issue({"server", {"localhost", "127.0.0.1"}});
  asio::io_context io;

  HttpClient make(const std::string& ca, HttpClientLimits limits = {}) {
    TlsSettings settings;
    settings.ca_file = ca;
    return HttpClient(io, limits, make_tls_connector(settings, TlsUse::http));
  }
  HttpResult ask(HttpClient& client, const std::string& method, int port, const std::string& body = "",
                 const std::string& host = "localhost") {
    HttpResult result;
    on_loop(io, ask_into(&client, method, "https://" + host + ":" + std::to_string(port) + "/in", body, &result));
    return result;
  }
  static awaitable<void> ask_into(HttpClient* client, std::string method, std::string url, std::string body,
                                  HttpResult* result) {
    Request request(method, "/");
    *result = co_await client->send(std::move(url), std::move(request), std::string_view(body));
  }
};

}  // namespace

TEST_CASE("https requests of any size go over one kept connection") {
  Setting setting;
  TlsServer server({setting.server}, answer_http);
  auto client = setting.make(setting.ours.file());
  for (const std::size_t size : {0u, 10u, 20'000u, 3'000'000u}) {
    const auto result = setting.ask(client, "POST", server.port(), std::string(size, 'b'));
    REQUIRE(result.error == "");
    CHECK(result.response.status == 200);
    CHECK(result.response.body == std::to_string(size));
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("a server that cannot be trusted, or that is silent, gets no request") {
  Setting setting;
  const Authority theirs(setting.folder.path(), "theirs");
  TlsServer server({setting.server}, answer_http);
  auto suspicious = setting.make(theirs.file());
  const auto refused = setting.ask(suspicious, "GET", server.port());
  CHECK_FALSE(refused.answered());
  CHECK_THAT(refused.error, Contains("TLS to localhost:") && Contains("unable to get local issuer certificate"));

  const MuteServer mute;
  HttpClientLimits limits;
  limits.connect = 200ms;
  auto hurried = setting.make(setting.ours.file(), limits);
  CHECK_THAT(setting.ask(hurried, "GET", mute.port()).error, Contains("no end of the handshake within 200 ms"));
  limits.connect = 10s;
  limits.total = 200ms;
  auto limited = setting.make(setting.ours.file(), limits);
  const auto late = setting.ask(limited, "GET", mute.port());
  CHECK(late.timed_out);
}

TEST_CASE("a server that wants a client certificate says so in the answer's place") {
  Setting setting;
  TlsServer server({setting.server, setting.ours.file()}, answer_http);
  auto client = setting.make(setting.ours.file());
  CHECK_THAT(setting.ask(client, "GET", server.port()).error, Contains("asks for a client certificate"));
}

TEST_CASE("an answer that lasts until the end is complete only with close_notify") {
  Setting setting;
  auto client = setting.make(setting.ours.file());
  TlsServer polite({setting.server}, answer_until_close, TlsServer::Close::with_notify);
  CHECK(setting.ask(client, "GET", polite.port()).response.body == "half an ans");
  TlsServer cut({setting.server}, answer_until_close, TlsServer::Close::without_notify);
  CHECK_THAT(setting.ask(client, "GET", cut.port()).error, Contains("without close_notify"));
}

TEST_CASE("a kept https connection that the server closed is replaced") {
  Setting setting;
  auto client = setting.make(setting.ours.file());
  TlsServer server({setting.server}, answer_http, TlsServer::Close::with_notify);
  for (int i = 1; i <= 3; ++i) {
    CHECK(setting.ask(client, "GET", server.port()).error == "");
    CHECK(server.connections() == i);
  }
}
