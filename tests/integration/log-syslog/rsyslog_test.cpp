#include "tests/integration/log-syslog/run_through.hpp"

using namespace tandem::test;

TEST_CASE("rsyslogd understands every message over TCP, in order") { check_run("rsyslogd", {}, ""); }

TEST_CASE("rsyslogd understands every message over UDP, in order") {
  ReceiverWish wish;
  wish.transport = "udp";
  check_run("rsyslogd", wish, "");
}

TEST_CASE("rsyslogd understands every message over TLS with a client certificate, in order") {
  const TemporaryDirectory folder;
  const Authority ours(folder.path(), "ours");
  const auto client = ours.issue({"client", {"web-1"}});
  ReceiverWish wish;
  wish.transport = "tls";
  wish.ca = ours.file();
  wish.own = ours.issue({"server", {"127.0.0.1"}});
  check_run("rsyslogd", wish,
            ", tls: {caFile: " + ours.file() + ", certFile: " + client.certificate + ", keyFile: " + client.key + "}");
}
