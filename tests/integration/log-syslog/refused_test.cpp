// A receiver that refuses us gets nothing, and nothing is taken for delivered.
#include "tests/integration/log-syslog/run_through.hpp"

using namespace tandem::test;

namespace {

void check_refusal(const std::string& program) {
  const TemporaryDirectory folder;
  const Authority ours(folder.path(), "ours"), theirs(folder.path(), "theirs");
  ReceiverWish wish;
  wish.transport = "tls";
  wish.ca = ours.file();
  wish.own = ours.issue({"server", {"127.0.0.1"}});
  const auto stranger = theirs.issue({"client", {}}), friendly = ours.issue({"friend", {}});
  const SyslogServer server(program, wish);
  LogRun run(syslog_sink(server.port(), "protocol: tls, tls: {caFile: " + ours.file() + ", certFile: " +
                                            stranger.certificate + ", keyFile: " + stranger.key + "}"));
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(100);
  REQUIRE(wait_until([&] { return run.metric("tandem_log_retries_total{sink=\"out\"}") >= 2; }));
  CHECK(run.metric("tandem_log_unacknowledged_bytes{sink=\"out\"}") > 0);
  CHECK(server.received().empty());

  // The certificate is replaced while it runs.
  fs::copy_file(friendly.certificate, stranger.certificate, fs::copy_options::overwrite_existing);
  fs::copy_file(friendly.key, stranger.key, fs::copy_options::overwrite_existing);
  INFO(server.output());
  CHECK(wait_until([&] { return server.received().size() >= 100; }));
  CHECK(run.terminate().code == 0);
  CHECK(server.received().size() == 100);
  const auto said = tandem::read_file_if_exists(run.output()).value_or("");
  CHECK(said.find("the other side refused (") != std::string::npos);
}

}  // namespace

TEST_CASE("rsyslogd that refuses our certificate gets the lines after it is replaced, each once") {
  check_refusal("rsyslogd");
}
TEST_CASE("syslog-ng that refuses our certificate gets the lines after it is replaced, each once") {
  check_refusal("syslog-ng");
}
