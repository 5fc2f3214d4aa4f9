#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "core/os/files.hpp"
#include "tests/integration/log-objects/s3_server.hpp"
#include "tests/support/log/fixture.hpp"
#include "tests/support/skip.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

std::string tandem::test::reason_to_skip() { return ""; }

namespace {

using Fault = S3Server::Fault;

std::string sink(S3Server& s3, const std::string& bucket, const std::string& more) {
  return "- {name: out, type: s3, endpoint: \"" + s3.server().url() + "\", region: eu-central-1, bucket: " + bucket +
         ", credentials: {accessKeyFile: DIR/id, secretKeyFile: DIR/secret, sessionTokenFile: DIR/token}" + more + "}";
}

void write_keys(const LogRun& run, const S3Account& account) {
  replace_file(run.directory() / "id", account.access_key + "\n");
  replace_file(run.directory() / "secret", account.secret_key + "\n");
  replace_file(run.directory() / "token", account.session_token + "\n");
}

int records_of(const S3Server::Object& object) {
  return static_cast<int>(std::count(object.body.begin(), object.body.end(), '\n'));
}

}  // namespace

TEST_CASE("the server's own check of signatures agrees with the example that AWS publishes") {
  HttpCall call;
  call.method = "PUT";
  call.target = "/test%24file.text";
  call.body = call.sent = "Welcome to Amazon S3.";
  call.headers = {
      {"host", "examplebucket.s3.amazonaws.com"},
      {"date", "Fri, 24 May 2013 00:00:00 GMT"},
      {"x-amz-date", "20130524T000000Z"},
      {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
      {"x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"},
      {"authorization",
       "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=date;host;x-"
       "amz-content-sha256;x-amz-date;x-amz-storage-class,Signature="
       "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"}};
  S3Account account{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", "us-east-1"};
  CHECK(check_signature(call, account) == "");
  call.target = "/test%24file.texts";
  CHECK(check_signature(call, account) == "SignatureDoesNotMatch");
  call.sent += "!";
  CHECK(check_signature(call, account) == "XAmzContentSHA256Mismatch");
}

TEST_CASE("S3 has every line once over all its objects, though it fails in every way and the sender is killed") {
  S3Server s3([](int call) {
    if (call > 40) return Fault::none;  // a batch that fails again and again waits for long
    switch (call % 9) {
      case 1:
        return Fault::slow_down;
      case 3:
        return Fault::internal_error;
      case 5:
        return Fault::unanswered;
      case 7:
        return Fault::stored_unanswered;
      default:
        return Fault::none;
    }
  });
  const std::string compression = GENERATE("none", "gzip", "zstd");
  LogRun run(sink(s3, "logs",
                  ", prefix: \"${namespace}/${pod}/${source}/%Y-%m/a b/\", from: [app], storageClass: STANDARD_IA, "
                  "serverSideEncryption: AES256, compression: " +
                      compression + ", batch: {maxBytes: 16Ki, maxWait: 0s}"));
  write_keys(run, s3.account);
  run.start();
  Writer writer(run.logs() / "app.log");
  for (int i = 0; i < 5; ++i) {
    writer.write(1000);
    CHECK(wait_until([&] { return s3.lines() >= static_cast<std::size_t>(i) * 1000 + 100; }));
    run.kill();
    run.start();
  }
  CHECK(wait_until([&] { return s3.lines() >= 5000; }));
  CHECK(run.terminate().code == 0);
  CHECK(compare(s3.messages(), 5000) == "");
  CHECK(s3.server().complaints().empty());
  CHECK(s3.count("SignatureDoesNotMatch") + s3.count("AccessDenied") == 0);
  const std::string suffix = compression == "gzip" ? ".gz" : compression == "zstd" ? ".zst" : "";
  const std::regex key("shop/web-1/app/[0-9]{4}-[0-9]{2}/a%20b/[0-9a-f]{32}-[0-9]+-[0-9]+(-[0-9a-f]{16})?.ndjson" +
                       suffix);
  int again = 0;
  for (const auto& [name, object] : s3.objects()) {
    CHECK(std::regex_match(name, key));
    CHECK(object.headers.at("content-type") == "application/x-ndjson");
    CHECK(object.headers.contains("content-encoding") == !suffix.empty());
    CHECK(object.headers.at("x-amz-storage-class") == "STANDARD_IA");
    CHECK(object.headers.at("x-amz-server-side-encryption") == "AES256");
    again += object.written > 1;
  }
  CHECK(again + s3.count("PreconditionFailed") > 0);
}

TEST_CASE("a batch waits while credentials are refused or the bucket is not there, and goes when that is mended") {
  S3Server s3;
  LogRun run(sink(s3, "later", ", batch: {maxWait: 0s}"));
  write_keys(run, {"AKIAEXAMPLE", "another-secret", "a-session", ""});
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(100);
  REQUIRE(wait_until([&] { return s3.count("SignatureDoesNotMatch") > 0; }));
  fs::remove(run.directory() / "token");
  write_keys(run, s3.account);
  REQUIRE(wait_until([&] { return s3.count("NoSuchBucket") > 0; }));
  CHECK(s3.lines() == 0);
  s3.create_bucket("later");
  CHECK(wait_until([&] { return s3.lines() == 100; }));
  CHECK(run.terminate().code == 0);
  CHECK(compare(s3.messages(), 100) == "");
  CHECK_FALSE(fs::exists(run.directory() / "state/out.rejected.ndjson"));
  const std::string log = read_file(run.output());
  CHECK(log.find("HTTP 403 SignatureDoesNotMatch: SignatureDoesNotMatch & so on") != std::string::npos);
  CHECK(log.find("secret") == std::string::npos);
}

TEST_CASE("a clock that is an hour off is made up for") {
  S3Server s3;
  s3.ahead = GENERATE(3600s, -3600s);
  LogRun run(sink(s3, "logs", ", batch: {maxWait: 0s}"));
  write_keys(run, s3.account);
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(10);
  CHECK(wait_until([&] { return s3.lines() == 10; }));
  writer.write(10);
  CHECK(wait_until([&] { return s3.lines() == 20; }));
  CHECK(run.terminate().code == 0);
  CHECK(s3.count("RequestTimeTooSkewed") == 1);
  CHECK(read_file(run.output()).find("clock is not the storage's") != std::string::npos);
}

TEST_CASE("an object that is too large for good is kept with the reason, and the next ones go") {
  S3Server s3([](int call) { return call == 0 ? Fault::too_large : Fault::none; });
  LogRun run(sink(s3, "logs", ", batch: {maxBytes: 1Ki, maxWait: 0s}, inFlight: 1"));
  write_keys(run, s3.account);
  Writer writer(run.logs() / "app.log");
  writer.write(50);
  run.start();
  const auto letters = run.directory() / "state/out.rejected.ndjson";
  CHECK(wait_until([&] {
    return fs::exists(letters) && run.metric("tandem_log_records_total{sink=\"out\",result=\"delivered\"}") > 0;
  }));
  CHECK(run.terminate().code == 0);
  std::istringstream kept(read_file(letters));
  int refused = 0;
  for (std::string line; std::getline(kept, line); ++refused)
    CHECK(nlohmann::json::parse(line)["reason"] == "HTTP 400 EntityTooLarge: EntityTooLarge & so on");
  CHECK(refused > 0);
  CHECK(static_cast<std::size_t>(refused) + s3.lines() == 50);
}

TEST_CASE("records are gathered until there are enough of them") {
  S3Server s3;
  LogRun run(sink(s3, "logs", ", batch: {maxBytes: 64Ki, maxWait: 1m}"));
  write_keys(run, s3.account);
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(5000);  // some 290 KB, 800 KB as JSON
  CHECK(wait_until([&] { return s3.lines() > 3500; }));
  CHECK(run.terminate().code == 0);
  CHECK(compare(s3.messages(), 5000) == "");
  const auto objects = s3.objects();
  int small = 0;
  for (const auto& [key, object] : objects) small += object.body.size() < (64 << 10);
  CHECK(objects.size() < 20);
  CHECK(small <= 2);  // the last before the writer stopped, and what was left at the end
}

TEST_CASE("records are gathered for so long from the first on, though others come") {
  S3Server s3;
  LogRun run(sink(s3, "logs", ", batch: {maxWait: 3s}"), "poll: 100ms");
  write_keys(run, s3.account);
  run.start();
  const auto begin = std::chrono::steady_clock::now();
  Writer writer(run.logs() / "app.log");
  for (int i = 0; i < 10; ++i) {
    writer.write(1);
    CHECK_FALSE(wait_until([&] { return s3.lines() > 0; }, 50ms));
  }
  CHECK(wait_until([&] { return s3.lines() == 10; }));
  CHECK(std::chrono::steady_clock::now() - begin >= 2900ms);
  CHECK(s3.objects().size() == 1);
  CHECK(run.terminate().code == 0);
}

namespace {

// A storage that stored a batch and did not answer; the sender died, and one of the batch's two files is gone since.
struct Crashed {
  explicit Crashed(Fault later) : s3([this, later](int) { return answers ? later : Fault::stored_unanswered; }) {
    write_keys(run, s3.account);
    std::string others;  // equal lines would be a copy
    for (int i = 0; i < 100; ++i) others += "other " + std::to_string(i) + "\n";
    Writer(run.logs() / "a.log").write(100);
    write_file(run.logs() / "b.log", others);
    run.start();
    wait_until([&] { return s3.lines() == 200; });
    INFO(read_file(run.output()));
    REQUIRE(s3.lines() == 200);
    run.kill();
    fs::remove(run.logs() / "b.log");
    answers = true;
    run.start();
  }
  // Only after the minute for which a copy of the deleted file is sought.
  bool says(const std::string& reason) {
    return wait_until([&] { return s3.count(reason) == 1; }, 120s);
  }
  // How many records its one object has at the end.
  int records() {
    CHECK(run.terminate().code == 0);
    CHECK(s3.objects().size() == 1);
    return records_of(s3.objects().begin()->second);
  }

  std::atomic<bool> answers{false};
  S3Server s3;
  LogRun run{sink(s3, "logs", ", batch: {maxWait: 300ms}")};
};

}  // namespace

TEST_CASE("what is sent again after a crash does not take the place of more, where storage knows conditions",
          "[crash]") {
  Crashed knows(Fault::none), does_not(Fault::no_conditions);
  CHECK(knows.says("PreconditionFailed"));
  CHECK(knows.records() == 200);
  CHECK(does_not.says("NotImplemented"));
  CHECK(does_not.records() == 100);
}
