#include <catch2/catch.hpp>

#include "sidecars/log/sinks/s3_answer.hpp"

using namespace tandem::shipper;

namespace {

std::string shown(std::string_view body) {
  const auto error = parse_s3_error(body);
  return error ? error->code + "|" + error->message : "none";
}

Outcome judge(int status, const std::string& body, std::string_view region = "") {
  return judge_s3(status, parse_s3_error(body), region, judge_http(status, "", body, {}));
}

std::string error_of(const std::string& code) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code +
         "</Code><Message>why</Message><RequestId>1</RequestId><HostId/></Error>";
}

}  // namespace

TEST_CASE("an error's code and message are read, whatever else is in it") {
  CHECK(shown("<?xml version=\"1.0\"?>\n<Error><Code>NoSuchBucket</Code><Message>It &lt;is&gt; &quot;not&#39; &amp; "
              "never</Message><BucketName>b</BucketName></Error>\n") == "NoSuchBucket|It <is> \"not' & never");
  CHECK(
      shown("\xef\xbb\xbf<Error xmlns=\"x\"><Detail><Code>inner</Code></Detail><HostId/><Code>Outer</Code></Error>") ==
      "Outer|");
  CHECK(shown("<Error><Code>A</Code><Message>two\nlines\x1b[0m</Message></Error>") == "A|two lines [0m");
}

TEST_CASE("what is no error of S3 is none") {
  for (const char* body :
       {"", "<html><body>Bad gateway</body></html>", "<Error>", "<Error></Error>", "<Error><Code></Code></Error>",
        "<Error><Code>A</Error>", "<Error><Code>A</Message></Error>", "<Error><Code>A</Code>", "<Error",
        "<?xml <Error><Code>A</Code></Error>", "{\"Code\":\"A\"}"})
    CHECK(shown(body) == "none");
  CHECK(shown("<Error><Code>" + std::string(5000, 'x') + "</Code></Error>").size() < 400);
}

TEST_CASE("nothing but its size can be wrong with an object for good") {
  CHECK(judge(200, "").verdict == Verdict::delivered);
  CHECK(judge(204, "").verdict == Verdict::delivered);
  CHECK(judge(400, error_of("EntityTooLarge")).verdict == Verdict::rejected);
  CHECK(judge(413, "<html>nginx</html>").verdict == Verdict::rejected);
  for (const char* code :
       {"ExpiredToken", "InvalidStorageClass", "RequestTimeout", "BadDigest", "KMS.DisabledException"})
    CHECK(judge(400, error_of(code)).verdict == Verdict::retry_later);
  for (const char* code : {"AccessDenied", "SignatureDoesNotMatch", "InvalidAccessKeyId", "RequestTimeTooSkewed"})
    CHECK(judge(403, error_of(code)).verdict == Verdict::retry_later);
  CHECK(judge(404, error_of("NoSuchBucket")).reason == "HTTP 404 NoSuchBucket: why");
  CHECK(judge(404, error_of("NoSuchBucket")).verdict == Verdict::retry_later);
  CHECK(judge(503, error_of("SlowDown")).reason == "HTTP 503 SlowDown: why");
  CHECK(judge(301, error_of("PermanentRedirect"), "eu-west-1").reason ==
        "HTTP 301 PermanentRedirect: why (the bucket's region is eu-west-1)");
  CHECK(judge(502, "bad gateway").reason == "HTTP 502: bad gateway");
}

TEST_CASE("a server's clock is read from its Date") {
  using std::chrono::system_clock;
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == system_clock::from_time_t(784111777));
  CHECK_FALSE(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"));
  CHECK_FALSE(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT+1"));
  CHECK_FALSE(parse_http_date(""));
}
