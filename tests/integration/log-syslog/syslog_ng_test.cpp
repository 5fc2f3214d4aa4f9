#include "tests/integration/log-syslog/run_through.hpp"

using namespace tandem::test;

TEST_CASE("syslog-ng understands every message over TCP, in order") { check_run("syslog-ng", {}, ""); }

TEST_CASE("syslog-ng understands every message over UDP, in order") {
  ReceiverWish wish;
  wish.transport = "udp";
  check_run("syslog-ng", wish, "");
}

TEST_CASE("syslog-ng understands every message over TLS with a client certificate, in order") {
  const TemporaryDirectory folder;
  const Authority ours(folder.path(), "ours");
  const auto client = ours.issue({"client", {"web-1"}});
  ReceiverWish wish;
  wish.transport = "tls";
  wish.ca = ours.file();
  wish.own = ours.issue({"server", {"127.0.0.1"}});
  check_run("syslog-ng", wish,
            ", tls: {caFile: " + ours.file() + ", certFile: " + client.certificate + ", keyFile: " + client.key + "}");
}
