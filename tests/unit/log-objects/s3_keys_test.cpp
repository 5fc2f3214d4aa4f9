#include <catch2/catch.hpp>
#include <cstdlib>

#include "core/config/node.hpp"
#include "sidecars/log/sinks/s3.hpp"

using namespace tandem;
using namespace tandem::shipper;
using Catch::Matchers::Contains;

namespace {

S3Options read(const std::string& yaml, std::string& problems_text, SinkSettings& sink) {
  ::unsetenv("AWS_REGION");
  Problems problems;
  const auto documents = parse_yaml(yaml, "config.yaml", problems);
  REQUIRE(documents.size() == 1);
  Reader reader(documents.front().root, "config.yaml", "sinks[0]", problems);
  const S3Options options = read_s3(reader, sink);
  reader.done();
  problems_text = problems.text();
  return options;
}

std::string problems_of(const std::string& yaml) {
  std::string problems;
  SinkSettings sink;
  read(yaml, problems, sink);
  return problems;
}

std::string bucket_of(const std::string& yaml) {
  std::string problems;
  SinkSettings sink;
  const auto options = read(yaml, problems, sink);
  CHECK(problems == "");
  return to_string(options.bucket) + " " + options.region;
}

}  // namespace

TEST_CASE("the bucket's address follows from region, endpoint and style") {
  CHECK(bucket_of("{region: eu-central-1, bucket: logs}") ==
        "https://logs.s3.eu-central-1.amazonaws.com/ eu-central-1");
  CHECK(bucket_of("{region: cn-north-1, bucket: logs}") == "https://logs.s3.cn-north-1.amazonaws.com.cn/ cn-north-1");
  CHECK(bucket_of("{endpoint: \"https://s3.eu-west-1.amazonaws.com\", bucket: logs}") ==
        "https://logs.s3.eu-west-1.amazonaws.com/ eu-west-1");
  CHECK(bucket_of("{endpoint: \"https://s3.dualstack.eu-west-1.amazonaws.com\", bucket: logs}") ==
        "https://logs.s3.dualstack.eu-west-1.amazonaws.com/ eu-west-1");
  CHECK(bucket_of("{endpoint: \"https://s3.amazonaws.com\", bucket: logs}") ==
        "https://logs.s3.amazonaws.com/ us-east-1");
  CHECK(bucket_of("{endpoint: \"https://vpce-1-2.s3.eu-west-1.vpce.amazonaws.com\", bucket: logs}") ==
        "https://logs.vpce-1-2.s3.eu-west-1.vpce.amazonaws.com/ eu-west-1");
  CHECK(bucket_of("{region: eu-west-1, bucket: a.b, pathStyle: true}") ==
        "https://s3.eu-west-1.amazonaws.com/a.b/ eu-west-1");
  CHECK(bucket_of("{endpoint: \"http://minio:9000\", bucket: logs}") == "http://minio:9000/logs/ us-east-1");
  CHECK(bucket_of("{endpoint: \"http://minio:9000/s3\", region: home, bucket: Old_Logs}") ==
        "http://minio:9000/s3/Old_Logs/ home");
  CHECK(bucket_of("{endpoint: \"http://minio:9000\", bucket: logs, pathStyle: false}") ==
        "http://logs.minio:9000/ us-east-1");
}

TEST_CASE("objects are large and seldom, unless the config says otherwise") {
  SinkSettings sink;
  Problems problems;
  const auto documents = parse_yaml("{region: r, bucket: logs, format: raw, compression: zstd}", "c", problems);
  Reader reader(documents.front().root, "c", "sinks[0]", problems);
  s3_sink().read(reader, sink);
  reader.done();
  CHECK(problems.empty());
  CHECK(sink.batch_bytes == 16 << 20);
  CHECK(sink.batch_wait == std::chrono::minutes(1));
  CHECK(sink.body == BodyKind::lines);
  CHECK(sink.make);
}

TEST_CASE("what an object is sent with says what it is") {
  std::string problems;
  SinkSettings sink;
  const auto options = read(
      "{region: r, bucket: logs, compression: gzip, compressionLevel: 9, storageClass: STANDARD_IA, "
      "serverSideEncryption: \"aws:kms\", kmsKeyId: k, headers: {X-Amz-Tagging: \"a=b\"}, inFlight: 2, timeout: 1m, "
      "credentials: {profile: ci}, deadLetter: {maxBytes: 1Gi}}",
      problems, sink);
  CHECK(problems == "");
  std::string all;
  for (const auto& [name, value] : options.http.headers) all += name + ": " + value + "\n";
  CHECK(all ==
        "Content-Type: application/x-ndjson\nContent-Encoding: gzip\nX-Amz-Storage-Class: STANDARD_IA\n"
        "X-Amz-Server-Side-Encryption: aws:kms\nX-Amz-Server-Side-Encryption-Aws-Kms-Key-Id: k\nX-Amz-Tagging: a=b\n");
  CHECK_THAT(options.key.make({}, "b", 0), Catch::Matchers::Equals("1970/01/01/b.ndjson.gz"));
}

TEST_CASE("what is wrong with an s3 sink is said with its key") {
  CHECK_THAT(problems_of("{bucket: logs}"), Contains("region: is required without an endpoint"));
  CHECK_THAT(problems_of("{region: r}"), Contains("\"bucket\" is missing"));
  CHECK_THAT(problems_of("{region: \"a b\", bucket: logs}"), Contains("region: \"a b\" is no region's name"));
  CHECK_THAT(problems_of("{region: r, bucket: \"a/b\"}"), Contains("is no bucket's name"));
  CHECK_THAT(problems_of("{region: r, bucket: a.b}"), Contains("has a dot in it") && Contains("pathStyle: true"));
  CHECK_THAT(problems_of("{region: r, bucket: Logs}"), Contains("cannot be part of a host's name"));
  CHECK_THAT(problems_of("{endpoint: \"https://logs.s3.amazonaws.com\", bucket: logs}"),
             Contains("endpoint: has the bucket in it") && Contains("https://s3.amazonaws.com"));
  CHECK_THAT(problems_of("{endpoint: minio, bucket: logs}"), Contains("endpoint: the URL \"minio\""));
  CHECK_THAT(problems_of("{endpoint: \"http://minio/?x\", bucket: logs}"), Contains("endpoint: has a query"));
  CHECK_THAT(problems_of("{endpoint: \"http://minio\", bucket: logs, tls: {}}"), Contains("tls: the endpoint is http"));
  CHECK_THAT(problems_of("{region: r, bucket: logs, prefix: \"${level}/\"}"), Contains("prefix: \"${level}/\" has"));
  CHECK_THAT(problems_of("{region: r, bucket: logs, prefix: \"${source}/\"}"), Contains("one sink for each source"));
  CHECK_THAT(problems_of("{region: r, bucket: logs, prefix: \"${source}/\", from: [a, b]}"), Contains("several"));
  CHECK(problems_of("{region: r, bucket: logs, prefix: \"${source}/\", from: [a]}") == "");
  CHECK_THAT(problems_of("{region: r, bucket: logs, kmsKeyId: k}"), Contains("kmsKeyId: is of"));
  CHECK_THAT(problems_of("{region: r, bucket: logs, headers: {host: x}}"), Contains("is set by tandem-log"));
  CHECK_THAT(problems_of("{region: r, bucket: logs, credentials: {accessKeyFile: /a}}"), Contains("needs both"));
  CHECK_THAT(problems_of("{region: r, bucket: logs, credentials: {sessionTokenFile: /a}}"), Contains("goes with"));
  CHECK_THAT(problems_of("{region: r, bucket: logs, credentials: {accessKeyFile: /a, secretKeyFile: /b, profile: x}}"),
             Contains("profile excludes"));
}
