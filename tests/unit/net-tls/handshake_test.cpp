#include <algorithm>
#include <catch2/catch.hpp>

#include "core/net/timeout.hpp"
#include "core/net/tls.hpp"
#include "tests/unit/net-tls/tls_server.hpp"
#include "tests/unit/net/on_loop.hpp"

using namespace tandem;
using namespace tandem::net;
using namespace tandem::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

struct Certificates {
  TemporaryDirectory folder;
  Authority ours{folder.path(), "ours"}, theirs{folder.path(), "theirs"};
  CertificateFiles server = ours.issue({"server", {"localhost", "127.0.0.1"}});
  CertificateFiles client = ours.issue({"client", {}});

  TlsSettings trusting() const {
    TlsSettings settings;
    settings.ca_file = ours.file();
    return settings;
  }
  TlsSettings showing(const CertificateFiles& own) const {
    TlsSettings settings = trusting();
    settings.cert_file = own.certificate;
    settings.key_file = own.key;
    return settings;
  }
};

std::string echo(const std::string& all) { return all; }

awaitable<void> open_into(Connector* connector, Endpoint endpoint, std::chrono::milliseconds limit, Opened* opened) {
  auto made = co_await connector->open(std::move(endpoint), limit);
  *opened = std::move(made);
}

Opened open(const TlsSettings& settings, int port, const std::string& host = "127.0.0.1", TlsUse use = TlsUse::one_way,
            std::chrono::milliseconds limit = 10s) {
  static asio::io_context io;
  const auto connector = make_tls_connector(settings, use);
  Opened opened;
  on_loop(io, open_into(connector.get(), Endpoint(host, static_cast<std::uint16_t>(port)), limit, &opened));
  return opened;
}

std::string why_not(const TlsSettings& settings, int port, const std::string& host = "127.0.0.1") {
  return open(settings, port, host).error;
}

awaitable<void> exchange(ByteStream* stream, std::string text, std::string* answer, Tried* last) {
  auto sent = co_await write_all(stream, text);
  CHECK(sent.error == "");
  std::string buffer(1 << 16, '\0');
  while (answer->size() < text.size() + 1) {
    *last = co_await read_some(stream, buffer.data(), buffer.size());
    if (last->state != Tried::State::done) break;
    answer->append(buffer, 0, last->bytes);
    if (answer->size() == text.size()) break;
  }
}

}  // namespace

TEST_CASE("bytes go through TLS 1.3 and 1.2 and come back, and the end is said with close_notify") {
  const Certificates made;
  const bool tls12 = GENERATE(false, true);
  TlsServer server({made.server, "", tls12}, echo);
  asio::io_context io;
  const auto connector = make_tls_connector(made.trusting(), TlsUse::one_way);
  Opened opened;
  on_loop(io,
          open_into(connector.get(), Endpoint("127.0.0.1", static_cast<std::uint16_t>(server.port())), 10s, &opened));
  REQUIRE(opened.error == "");
  CHECK(opened.stream->look().state == Tried::State::wants_read);
  const auto before = opened.stream->written();
  std::string answer;
  Tried last;
  on_loop(io, exchange(opened.stream.get(), "hello", &answer, &last));
  CHECK(answer == "hello");
  CHECK(opened.stream->written() > before + 5);  // it counts what is on the wire
  opened.stream.reset();
  CHECK(wait_until([&] { return server.notified() == 1; }));
}

TEST_CASE("more than the socket's buffers hold goes through TLS while the other side reads") {
  const Certificates made;
  std::atomic<std::size_t> read{0};
  TlsServer server({made.server}, [&](const std::string& all) {
    read = all.size();
    return all.size() == 8u << 20 ? "done" : "";
  });
  asio::io_context io;
  const auto connector = make_tls_connector(made.trusting(), TlsUse::one_way);
  Opened opened;
  on_loop(io,
          open_into(connector.get(), Endpoint("127.0.0.1", static_cast<std::uint16_t>(server.port())), 10s, &opened));
  REQUIRE(opened.ok());
  std::string answer;
  Tried last;
  const auto work = [](ByteStream* stream, std::string text, Tried* sent) -> awaitable<void> {
    *sent = co_await write_all(stream, text);
  };
  on_loop(io, work(opened.stream.get(), std::string(8u << 20, 'x'), &last));
  CHECK(last.state == Tried::State::done);
  CHECK(last.bytes == 8u << 20);
  CHECK(wait_until([&] { return read == 8u << 20; }));
}

TEST_CASE("a server that nobody vouches for, of another name, or too old is refused with the reason") {
  const Certificates made;
  const auto away = made.ours.issue({"away", {"logs.example", "10.1.2.3"}});
  const auto old = made.ours.issue({"old", {"127.0.0.1"}, 72h, 48h});
  const auto early = made.ours.issue({"early", {"127.0.0.1"}, -24h, 48h});
  const auto strange = made.theirs.issue({"strange", {"127.0.0.1"}});
  TlsServer good({made.server}, echo), elsewhere({away}, echo), expired({old}, echo), future({early}, echo),
      unknown({strange}, echo);

  CHECK(why_not(made.trusting(), good.port()) == "");
  CHECK(why_not(made.trusting(), good.port(), "localhost") == "");
  CHECK_THAT(why_not(made.trusting(), unknown.port()),
             StartsWith("TLS to 127.0.0.1:" + std::to_string(unknown.port()) + ": ") &&
                 Contains("unable to get local issuer certificate (CN=strange)") && Contains("tls.caFile"));
  CHECK_THAT(why_not({}, good.port()), Contains("unable to get local issuer certificate"));
  CHECK_THAT(why_not(made.trusting(), elsewhere.port()),
             Contains("the server's certificate is for logs.example, 10.1.2.3, not for 127.0.0.1"));
  CHECK_THAT(why_not(made.trusting(), elsewhere.port(), "localhost"), Contains("not for localhost"));
  CHECK_THAT(why_not(made.trusting(), expired.port()), Contains("certificate has expired (CN=old, on 20"));
  CHECK_THAT(why_not(made.trusting(), future.port()), Contains("certificate is not yet valid (CN=early, before 20"));

  TlsSettings named = made.trusting();
  named.server_name = "logs.example";
  CHECK(why_not(named, elsewhere.port()) == "");
  CHECK_THAT(why_not(named, good.port()), Contains("not for logs.example"));
  TlsSettings anybody;
  anybody.insecure_skip_verify = true;
  for (const auto* server : {&good, &elsewhere, &expired, &unknown}) CHECK(why_not(anybody, server->port()) == "");
}

TEST_CASE("a server that asks for a certificate gets ours, and its refusal is known before anything is sent") {
  const Certificates made;
  const bool tls12 = GENERATE(false, true);
  TlsServer strict({made.server, made.ours.file(), tls12}, echo);
  CHECK(why_not(made.showing(made.client), strict.port()) == "");
  CHECK_THAT(why_not(made.trusting(), strict.port()),
             Contains("the other side refused (") && Contains("asks for a client certificate (tls.certFile"));
  const auto strange = made.theirs.issue({"strange", {}});
  CHECK_THAT(why_not(made.showing(strange), strict.port()),
             Contains("the other side refused (") && Contains("unknown ca"));
  const auto old = made.ours.issue({"old", {}, 72h, 48h});
  CHECK_THAT(why_not(made.showing(old), strict.port()),
             Contains("the other side refused (") && Contains("our certificate (CN=old) has expired on 20"));
}

TEST_CASE("a server that accepts a certificate without another word is believed after a second") {
  const Certificates made;
  TlsServer silent({made.server, made.ours.file(), false, false}, echo);
  CHECK(why_not(made.showing(made.client), silent.port()) == "");
  CHECK_THAT(why_not(made.trusting(), silent.port()), Contains("the other side refused"));
}

TEST_CASE("a server without TLS and one that is silent are errors within the time limit") {
  const Certificates made;
  const MuteServer plain("220 mail.example ESMTP\r\n"), mute;
  CHECK_THAT(why_not(made.trusting(), plain.port()), Contains("does not speak TLS"));
  const auto begin = std::chrono::steady_clock::now();
  const auto opened = open(made.trusting(), mute.port(), "127.0.0.1", TlsUse::one_way, 300ms);
  CHECK_THAT(opened.error, Contains("no end of the handshake within 300 ms"));
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  CHECK_THAT(why_not(made.trusting(), free_port()), StartsWith("connect to 127.0.0.1:"));
}

TEST_CASE("a connection that ends without close_notify is a failure, one with it an end") {
  const Certificates made;
  const auto close = GENERATE(TlsServer::Close::with_notify, TlsServer::Close::without_notify);
  TlsServer server({made.server}, echo, close);
  auto opened = open(made.trusting(), server.port());
  REQUIRE(opened.ok());
  REQUIRE(opened.stream->try_write("hello").state == Tried::State::done);
  std::string came;
  char buffer[100];
  Tried last;
  REQUIRE(wait_until([&] {
    last = opened.stream->try_read(buffer, sizeof buffer);
    if (last.state == Tried::State::done) came.append(buffer, last.bytes);
    return last.state == Tried::State::ended || last.state == Tried::State::failed;
  }));
  CHECK(came == "hello");
  if (close == TlsServer::Close::with_notify) {
    CHECK(last.state == Tried::State::ended);
  } else {
    CHECK(last.state == Tried::State::failed);
    CHECK_THAT(last.error, Contains("without close_notify"));
  }
  CHECK(opened.stream->look().state == last.state);
}

TEST_CASE("files that were replaced are read at the next connection, and half a pair keeps the old ones") {
  const Certificates made;
  TlsServer strict({made.server, made.ours.file()}, echo);
  const auto old = made.ours.issue({"rotated", {}, 72h, 48h});
  asio::io_context io;
  const auto connector = make_tls_connector(made.showing(old), TlsUse::one_way);
  const Endpoint endpoint("127.0.0.1", static_cast<std::uint16_t>(strict.port()));
  Opened opened;
  on_loop(io, open_into(connector.get(), endpoint, 10s, &opened));
  CHECK_THAT(opened.error, Contains("our certificate (CN=rotated) has expired"));

  fs::copy_file(made.client.certificate, old.certificate, fs::copy_options::overwrite_existing);
  on_loop(io, open_into(connector.get(), endpoint, 10s, &opened));
  CHECK_THAT(opened.error, Contains("our certificate (CN=rotated) has expired"));

  fs::copy_file(made.client.key, old.key, fs::copy_options::overwrite_existing);
  on_loop(io, open_into(connector.get(), endpoint, 10s, &opened));
  CHECK(opened.error == "");
}
