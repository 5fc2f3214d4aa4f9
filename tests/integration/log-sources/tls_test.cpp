// Messages over TLS, by openssl's own client.
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "tests/integration/log-sources/run.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/skip.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

std::string config(const std::string& type, const CertificateFiles& own, const std::string& more = "") {
  return "sources: [{name: in, type: " + type +
         ", listen: {tls: \"127.0.0.1:PORT\"}, tls: {certFile: " + own.certificate + ", keyFile: " + own.key + more +
         "}}]\nsinks:\n";
}

// Sends what `bytes` (printf's format) says; false: the server or its certificate was not to our liking.
bool send(int port, const Authority& trusted, const std::string& bytes, const std::string& more = "") {
  const std::string command = fmt::format(
      "printf '{}' | timeout 30 openssl s_client -quiet -no_ign_eof -verify_return_error -verify_ip 127.0.0.1 "
      "-CAfile {} -connect 127.0.0.1:{} {} >/dev/null 2>&1",
      bytes, trusted.file(), port, more);
  return std::system(command.c_str()) == 0;
}

std::string identity(const CertificateFiles& files) { return "-cert " + files.certificate + " -key " + files.key; }

bool is_closed_by_peer(int fd) {
  pollfd waiting{fd, POLLIN, 0};
  if (::poll(&waiting, 1, 0) <= 0) return false;
  char byte;
  return ::recv(fd, &byte, 1, MSG_DONTWAIT) <= 0 || (waiting.revents & (POLLHUP | POLLERR)) != 0;
}

constexpr const char* broken = "tandem_log_broken_streams_total{source=\"in\"}";

}  // namespace

TEST_CASE("counted messages arrive over TLS 1.2 and 1.3, and TLS 1.1 is refused") {
  const TemporaryDirectory folder;
  const Authority ours(folder.path(), "ours"), others(folder.path(), "others");
  Receiver receiver;
  SourcesRun run(config("syslog", ours.issue({"server", {"127.0.0.1"}})) + http_sink("out", receiver));
  run.start();
  CHECK(send(run.port(), ours, "12 <13>counted!13 <13>and again", "-tls1_2"));
  CHECK(send(run.port(), ours, "<13>ended by a newline\\n", "-tls1_3"));
  CHECK_FALSE(send(run.port(), ours, "<13>old\\n", "-tls1_1 -cipher ALL:@SECLEVEL=0"));
  CHECK_FALSE(send(run.port(), others, "<13>not trusted\\n"));
  CHECK(wait_until([&] { return receiver.count() == 3; }));
  for (const char* message : {"<13>counted!", "<13>and again", "<13>ended by a newline"})
    CHECK(receiver.messages().count(message) == 1);
  for (const auto& peer : values(receiver, "peer")) CHECK(peer.starts_with("127.0.0.1:"));
  CHECK(run.terminate().code == 0);
  CHECK(receiver.count() == 3);
}

TEST_CASE("with clientCaFile only senders with a certificate of that authority are heard") {
  const TemporaryDirectory folder;
  const Authority ours(folder.path(), "ours"), others(folder.path(), "others");
  Receiver receiver;
  SourcesRun run(config("socket", ours.issue({"server", {"127.0.0.1"}}), ", clientCaFile: " + ours.file()) +
                 http_sink("out", receiver));
  run.start();
  send(run.port(), ours, "without\\n");
  send(run.port(), ours, "by another authority\\n", identity(others.issue({"stranger", {"web-1"}})));
  CHECK(wait_until([&] { return run.metric(broken) == 2; }));
  CHECK(send(run.port(), ours, "with\\n", identity(ours.issue({"client", {"web-1"}}))));
  CHECK(wait_until([&] { return receiver.count() == 1; }));
  CHECK(run.terminate().code == 0);
  CHECK(receiver.messages().count("with") == 1);
  CHECK(receiver.count() == 1);
  CHECK(run.output().find("peer did not return a certificate") != std::string::npos);
}

TEST_CASE("garbage and handshakes that are never finished are closed, and disturb nobody") {
  const TemporaryDirectory folder;
  const Authority ours(folder.path(), "ours");
  Receiver receiver;
  SourcesRun run(config("syslog", ours.issue({"server", {"127.0.0.1"}})) + http_sink("out", receiver));
  run.start();
  const unique_fd garbage = connect_stream(run.port()), silent = connect_stream(run.port()),
                  half = connect_stream(run.port());
  write_all(garbage.get(), "<13>this is no TLS at all\n", "a socket");
  write_all(half.get(), std::string("\x16\x03\x01\x02\x00", 5), "a socket");
  CHECK(wait_until([&] { return is_closed_by_peer(garbage.get()); }));
  CHECK(send(run.port(), ours, "<13>undisturbed\\n"));
  CHECK(wait_until([&] { return receiver.count() == 1; }));
  CHECK(wait_until([&] { return is_closed_by_peer(silent.get()) && is_closed_by_peer(half.get()); }));
  CHECK(wait_until([&] { return run.metric("tandem_log_connections{source=\"in\"}") == 0; }));
  CHECK(run.metric(broken) == 3);
  CHECK(run.terminate().code == 0);
  CHECK(receiver.messages().count("<13>undisturbed") == 1);
}

TEST_CASE("a certificate that is replaced is shown to the next sender, and half of a pair to nobody") {
  const TemporaryDirectory folder;
  const Authority before(folder.path(), "before"), after(folder.path(), "after");
  const CertificateFiles own = before.issue({"server", {"127.0.0.1"}}), next = after.issue({"next", {"127.0.0.1"}});
  Receiver receiver;
  SourcesRun run(config("syslog", own) + http_sink("out", receiver));
  run.start();
  CHECK(send(run.port(), before, "<13>one\\n"));
  write_file(own.certificate, read_file(next.certificate));
  CHECK(send(run.port(), before, "<13>two\\n"));
  write_file(own.key, read_file(next.key));
  CHECK(send(run.port(), after, "<13>three\\n"));
  CHECK_FALSE(send(run.port(), before, "<13>four\\n"));
  CHECK(wait_until([&] { return receiver.count() == 3; }));
  CHECK(run.terminate().code == 0);
  CHECK(run.output().find("those of before stay in force") != std::string::npos);
}

TEST_CASE("what is sent after a large message over TLS is complete, and in order") {
  const TemporaryDirectory folder;
  const Authority ours(folder.path(), "ours");
  Receiver receiver;
  SourcesRun run(config("socket", ours.issue({"server", {"127.0.0.1"}})) + http_sink("out", receiver));
  run.start();
  CHECK(send(run.port(), ours, "%0.s" + std::string(200, 'x') + "\\n' $(seq 4999) '"));
  CHECK(wait_until([&] { return receiver.count() >= 5000; }));
  CHECK(run.terminate().code == 0);
  CHECK(receiver.count() == 5000);
}

TEST_CASE("rsyslogd sends over TLS with a client certificate, and everything arrives once") {
  if (find_program("rsyslogd").empty()) return skip("rsyslogd is not here (tests/support/unpack-servers)");
  const TemporaryDirectory folder;
  const Authority ours(folder.path(), "ours");
  const auto client = ours.issue({"client", {"web-1"}});
  Receiver receiver;
  SourcesRun run(config("syslog", ours.issue({"server", {"127.0.0.1"}}), ", clientCaFile: " + ours.file()) +
                 http_sink("out", receiver));
  run.start();
  const int port = free_port();
  write_file(
      folder / "rsyslog.conf",
      fmt::format("global(workDirectory=\"{}\" defaultNetstreamDriver=\"ossl\" defaultNetstreamDriverCAFile=\"{}\" "
                  "defaultNetstreamDriverCertFile=\"{}\" defaultNetstreamDriverKeyFile=\"{}\")\n"
                  "module(load=\"imtcp\")\ninput(type=\"imtcp\" address=\"127.0.0.1\" port=\"{}\")\n"
                  "action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{}\" protocol=\"tcp\" "
                  "TCP_Framing=\"octet-counted\" template=\"RSYSLOG_SyslogProtocol23Format\" StreamDriver=\"ossl\" "
                  "StreamDriverMode=\"1\" StreamDriverAuthMode=\"x509/certvalid\")\n",
                  folder.path().string(), ours.file(), client.certificate, client.key, port, run.port()));
  const std::string program = find_program("rsyslogd");
  const std::string modules = program.substr(0, program.rfind("/usr/sbin/")) + "/usr/lib/x86_64-linux-gnu/rsyslog";
  Child sender({program, "-n", "-f", folder / "rsyslog.conf", "-i", folder / "pid", "-M", modules}, folder / "output");
  unique_fd app;
  REQUIRE(wait_until([&] {
    try {
      app = connect_stream(port);
    } catch (const std::exception&) {
    }
    return static_cast<bool>(app);
  }));
  std::string lines;
  for (int i = 0; i < 2000; ++i) lines += fmt::format("<13>1 2026-11-23T04:00:00Z web-1 app - - - message {:04}\n", i);
  write_all(app.get(), lines, "a socket");
  CHECK(wait_until([&] { return receiver.count() >= 2000; }));
  CHECK(run.terminate().code == 0);
  CHECK(receiver.count() == 2000);
  CHECK(receiver.messages().size() == 2000);
}
