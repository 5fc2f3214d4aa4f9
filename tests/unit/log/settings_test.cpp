#include "sidecars/log/settings.hpp"

#include <catch2/catch.hpp>

#include "core/config/node.hpp"
#include "core/os/files.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::shipper;

namespace {

// Every key that there is, DIR standing for a folder.
constexpr const char* everything = R"(
sources:
- {name: web, type: files, paths: ["/logs/*.log"], exclude: ["/logs/x.log"], follow: {links: any}, reclaim: {delete: true, punchHoles: true, keep: 3, quota: 1Gi, quiet: 9s},
   multiline: {start: '^\d', continuation: '^\s', maxLines: 10, patience: 2s}}
- {name: app, type: containers, paths: ["/pods/*.log"], multiline: {stackTraces: [java, go]}}
- {name: net, type: syslog, listen: {tcp: "127.0.0.1:5514", udp: "127.0.0.1:5514", tls: "127.0.0.1:6514"}, tls: {certFile: DIR/ca, keyFile: DIR/key, clientCaFile: DIR/ca}, spool: {maxBytes: 1Mi, keepFree: 1Mi}}
- {name: local, type: socket, listen: {unix: /run/log.sock, unixgram: /run/dgram.sock}, socketMode: "0600",
   limits: {connections: 9, unfinishedBytes: 1Mi, firstByte: 5s}}
transforms:
- {name: j, type: json, from: [web], when: 'a == 1', field: message, into: doc, keep: true, onFailure: drop,
   time: {field: ts, format: unix, zone: UTC}}
- {name: r, type: regex, pattern: '(?P<x>.)', types: {x: number}}
- {name: t, type: time, field: when, format: clf, zone: "+02:00"}
- {name: a, type: add, fields: {a: b}}
- {name: d, type: drop, fields: [a]}
- {name: f, type: filter, drop: 'a == "b"'}
- {name: s, type: sample, rate: 0.5, by: a}
- {name: l, type: rateLimit, key: a, limit: 5, per: 2s, burst: 7}
- {name: u, type: deduplicate, fields: [a], within: 3s, count: true}
- {name: h, type: redact, fields: [a], patterns: [card, {name: n, regex: x}], with: hash, keyFile: DIR/key}
- {name: m, type: metrics, counters: [{name: c_total, help: h, labels: {l: a}, when: 'a == "b"', add: a}],
   histograms: [{name: d_seconds, help: h, field: a, buckets: [1, 2], labels: {l: a}, when: 'a == "b"'}]}
sinks:
- {name: f, type: file, path: /out, rotate: {size: 1Mi, keep: 2}, format: raw, from: [web], when: 'a == 1', transforms: [j]}
- {name: t, type: tcp, address: "127.0.0.1:1", inFlight: 2, timeout: 3s, tls: {caFile: DIR/ca, serverName: x, insecureSkipVerify: true}}
- {name: h, type: http, url: "http://x", headers: {a: b}, basic: {user: u, passwordFile: DIR/key}, compression: gzip, compressionLevel: 3,
   deadLetter: {path: /dead, maxBytes: 1Mi}, batch: {maxBytes: 2Mi, maxRecords: 5, maxWait: 1s}}
- {name: s, type: syslog, address: "127.0.0.1:1", protocol: udp, facility: local0, severity: sev, hostname: a, appName: b,
   procId: c, msgId: d, structuredData: x@1, bom: true, maxMessage: 4Ki}
- {name: s2, type: syslog, address: "127.0.0.1:1", framing: newline}
- {name: l, type: loki, url: "http://x", labels: {a: b}, line: json, structuredMetadata: [a], tenant: t, bearerTokenFile: DIR/key}
- {name: e, type: elasticsearch, url: "http://x", index: i, pipeline: p}
- {name: e2, type: elasticsearch, url: "http://x", dataStream: i}
- {name: o, type: otlp, url: "http://x", encoding: json, service: s}
- {name: s3, type: s3, endpoint: "http://x", bucket: bucket, region: r, pathStyle: true, prefix: p/, storageClass: STANDARD,
   serverSideEncryption: "aws:kms", kmsKeyId: k, credentials: {accessKeyFile: DIR/key, secretKeyFile: DIR/key, sessionTokenFile: DIR/key}}
- {name: s4, type: s3, endpoint: "http://x", bucket: bucket, region: r, credentials: {profile: p}}
- {name: r, type: redis, address: "127.0.0.1:6379", stream: s, maxLength: 5, remember: 1h, username: u, passwordFile: DIR/key}
- {name: k, type: kafka, brokers: ["127.0.0.1:9092"], topic: t, key: file, requiredAcks: all, exactlyOnce: true, transactionalId: i,
   options: {linger.ms: "5"}}
state: {dir: /state}
limits: {line: 1Mi, removed: 1Gi, files: 9, fileNames: 1Mi, unpacked: 1Gi, unpackedRatio: 9}
poll: 5s
exit: with-main
shutdown: {deadline: 5s, quiet: 4s}
)";

Document parsed(std::string text, const fs::path& directory) {
  for (std::size_t at; (at = text.find("DIR/")) != std::string::npos;) text.replace(at, 3, directory.string());
  Problems problems;
  auto documents = parse_yaml(text, "c", problems);
  REQUIRE(problems.text() == "");
  REQUIRE(documents.size() == 1);
  return std::move(documents.front());
}

}  // namespace

TEST_CASE("the table of keys has exactly the keys that are read") {
  test::TemporaryDirectory directory;
  for (const char* name : {"key", "ca"}) write_file(directory.path() / name, "0123456789abcdef0123456789abcdef");
  const auto config = parsed(everything, directory.path());
  Problems problems;
  run::validate_keys(config, config_keys(), problems);
  CHECK(problems.text() == "");
  decode_settings(config, problems);
  // The files of TLS hold nothing here; librdkafka need not be installed.
  for (const auto& problem : problems.all()) {
    INFO(problem.message);
    CHECK((problem.path.ends_with("tls.caFile") || problem.path.ends_with("tls.certFile") ||
           problem.message.find("librdkafka") != std::string::npos));
  }
  for (const auto& key : run::unused_keys(config, config_keys())) {
    CAPTURE(key);
    CHECK((key == "admin.listen" || key == "log.level" || key == "drain.timeout" || key.starts_with("sinks[].tls.")));
  }
}
