// A pod's tandem-log sends to an https receiver whose authority the pod is given as a file.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/e2e/log/pods.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/nginx_proxy.hpp"

using namespace tandem;
using namespace tandem::test;

TEST_CASE("with the wrong authority nothing is sent, the log says why, and the right one put in place costs no line") {
  TemporaryDirectory keys, files;
  fs::permissions(files.path(), fs::perms(0755));
  const Authority ours(keys.path(), "ours"), other(keys.path(), "other");
  const auto server = ours.issue({.name = "collector", .hosts = {"localhost"}});
  const auto place = [&](const std::string& certificate) {
    fs::copy_file(certificate, files / "next.pem");
    fs::rename(files / "next.pem", files / "ca.pem");
  };
  place(other.file());

  Receiver receiver;
  const NginxProxy nginx(receiver.port(), "ssl",
                         "ssl_certificate " + server.certificate + "; ssl_certificate_key " + server.key + ";");
  LogPod pod;
  pod.name = "https";
  pod.url = "https://localhost:" + std::to_string(nginx.port()) + "/in";
  pod.sink = ", tls: {caFile: /files/ca.pem}";
  pod.files = files.path().string();
  pod.script = write_lines(0, 20'000) + "while [ ! -e /logs/go ]; do sleep 0.05; done\n";
  machine().ok({"apply", "-f", "-"}, manifest_of(pod, receiver));
  std::string said;
  CHECK(wait_until([&] {
    said = machine().tandem({"logs", pod.name, "-c", "log"}).output;
    return said.find("certificate") != std::string::npos;
  }));
  INFO(said);
  CHECK(receiver.requests() == 0);
  place(ours.file());
  CHECK(wait_until([&] { return receiver.count() == 20'000; }));
  machine().ok({"exec", pod.name, "-c", "main", "--", "touch", "/logs/go"});
  CHECK(wait_until([&] { return phase_of(pod.name) == "Succeeded"; }));
  CHECK(compare_lines(receiver, 20'000) == "");
  CHECK(receiver.count() == 20'000);
  CHECK(receiver.complaints().empty());
  machine().ok({"delete", "pod", pod.name});
}
