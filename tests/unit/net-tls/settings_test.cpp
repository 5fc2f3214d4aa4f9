#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "core/config/node.hpp"
#include "core/net/tls_config.hpp"
#include "core/os/files.hpp"
#include "tests/support/certificates.hpp"

using namespace tandem;
using namespace tandem::net;
using namespace tandem::test;
using Catch::Matchers::Contains;

namespace {

TlsSettings read(const std::string& yaml, std::string& said) {
  Problems problems;
  const auto documents = parse_yaml(yaml, "config.yaml", problems);
  REQUIRE(documents.size() == 1);
  Reader reader(documents.front().root, "config.yaml", "", problems);
  const auto settings = read_tls(reader);
  reader.done();
  said = problems.text();
  return settings;
}

}  // namespace

TEST_CASE("TLS settings are read as Prometheus spells them") {
  const TemporaryDirectory folder;
  const Authority ours(folder.path(), "ours");
  const auto own = ours.issue({"own", {}});
  std::string said;
  const auto settings =
      read("tls:\n  caFile: " + ours.file() + "\n  certFile: " + own.certificate + "\n  keyFile: " + own.key +
               "\n  serverName: logs.example\n  insecureSkipVerify: true\n",
           said);
  CHECK(said == "");
  CHECK(settings.ca_file == ours.file());
  CHECK(settings.cert_file == own.certificate);
  CHECK(settings.key_file == own.key);
  CHECK(settings.server_name == "logs.example");
  CHECK(settings.insecure_skip_verify);
  CHECK(read("tls: {}", said) == TlsSettings());
  CHECK(said == "");
  read("tls: {cafile: /x}", said);
  CHECK_THAT(said, Contains("caFile"));
}

TEST_CASE("files of TLS that cannot serve are problems with their key") {
  const TemporaryDirectory folder;
  const Authority ours(folder.path(), "ours");
  const auto one = ours.issue({"one", {}}), two = ours.issue({"two", {}});
  write_file(folder / "rubbish.pem", "-----BEGIN NOTHING-----\n");
  const std::string rubbish = folder / "rubbish.pem";
  const auto problem = [](const std::string& ca, const std::string& certificate, const std::string& key) {
    TlsSettings settings;
    settings.ca_file = ca;
    settings.cert_file = certificate;
    settings.key_file = key;
    const auto found = check_tls(settings);
    return found.key + ": " + found.message;
  };
  CHECK(problem("", "", "") == ": ");
  CHECK(problem(ours.file(), one.certificate, one.key) == ": ");
  CHECK(problem("/nowhere/ca.pem", "", "") == "caFile: cannot read \"/nowhere/ca.pem\": No such file or directory");
  CHECK_THAT(problem(folder.path(), "", ""), Contains("Is a directory"));
  CHECK_THAT(problem(rubbish, "", ""), Contains("caFile: ") && Contains("holds no certificates in PEM"));
  CHECK_THAT(problem("", one.certificate, ""), Contains("keyFile: certFile and keyFile go together"));
  CHECK_THAT(problem("", "", one.key), Contains("certFile: certFile and keyFile go together"));
  CHECK_THAT(problem("", rubbish, one.key), Contains("certFile: ") && Contains("no usable certificate"));
  CHECK_THAT(problem("", one.certificate, rubbish), Contains("keyFile: ") && Contains("no private key"));
  CHECK_THAT(problem("", one.certificate, two.key), Contains("keyFile: ") && Contains("does not belong to"));
  const std::string fifo = folder / "fifo.pem";  // OpenSSL would wait for its writer
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(problem(fifo, "", "") == "caFile: cannot read \"" + fifo + "\": it is a FIFO, no regular file");
  CHECK_THAT(problem("", fifo, one.key), Contains("certFile: ") && Contains("it is a FIFO"));
  CHECK_THAT(problem("", one.certificate, fifo), Contains("keyFile: ") && Contains("it is a FIFO"));

  std::string said;
  read("tls: {caFile: /nowhere/ca.pem}", said);
  CHECK_THAT(said, Contains("config.yaml:1:") && Contains("tls.caFile: cannot read"));
}
