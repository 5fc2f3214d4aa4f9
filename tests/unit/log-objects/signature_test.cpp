// The examples that AWS publishes: its Signature Version 4 test suite (service "service"), and those of the Amazon S3
// API Reference, "Signature Calculations for the Authorization Header" and "Authenticating Requests: Using Query
// Parameters".
#include <catch2/catch.hpp>

#include "sidecars/log/sinks/aws_signature.hpp"

using namespace tandem::shipper;

namespace {

const std::string empty_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string suite(AwsRequest request) {
  const AwsKeys keys{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
  request.headers.emplace_back("Host", "example.amazonaws.com");
  request.headers.emplace_back("X-Amz-Date", "20150830T123600Z");
  request.payload_hash = hex_sha256("");
  return aws_signature(request, keys, "us-east-1", "service", "20150830T123600Z");
}

std::string s3(AwsRequest request) {
  const AwsKeys keys{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
  request.headers.emplace_back("Host", "examplebucket.s3.amazonaws.com");
  if (request.payload_hash != unsigned_payload) {
    request.headers.emplace_back("x-amz-content-sha256", request.payload_hash);
    request.headers.emplace_back("x-amz-date", "20130524T000000Z");
  }
  return aws_signature(request, keys, "us-east-1", "s3", "20130524T000000Z");
}

}  // namespace

TEST_CASE("the vanilla request of AWS's suite has its signature") {
  CHECK(hex_sha256("") == empty_hash);
  CHECK(suite({"GET", "/", "", {}, ""}) == "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  CHECK(suite({"POST", "/", "", {}, ""}) == "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
}

TEST_CASE("queries are sorted, header values trimmed and repeated ones joined, as in AWS's suite") {
  CHECK(suite({"GET", "/", "Param2=value2&Param1=value1", {}, ""}) ==
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
  CHECK(suite({"GET", "/", "", {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}}, ""}) ==
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
  CHECK(suite({"GET", "/", "", {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}}, ""}) ==
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea");
}

TEST_CASE("objects are read and written with the signatures of S3's examples") {
  CHECK(s3({"GET", "/test.txt", "", {{"Range", "bytes=0-9"}}, empty_hash}) ==
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  const AwsRequest put{"PUT",
                       "/test%24file.text",
                       "",
                       {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                       hex_sha256("Welcome to Amazon S3.")};
  CHECK(put.payload_hash == "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");
  CHECK(s3(put) == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  CHECK(s3({"GET", "/", "lifecycle", {}, empty_hash}) ==
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  CHECK(s3({"GET", "/", "max-keys=2&prefix=J", {}, empty_hash}) ==
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST_CASE("a payload that is not signed has S3's example's signature") {
  const std::string query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_"
      "request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host";
  CHECK(s3({"GET", "/test.txt", query, {}, std::string(unsigned_payload)}) ==
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST_CASE("the header says who signed, for where and when, and which headers") {
  const AwsRequest request{"GET", "/", "", {{"Host", "h"}, {"X-Amz-Date", "20150830T123600Z"}}, empty_hash};
  const std::string value =
      aws_authorization(request, {"ID", "SECRET", ""}, "eu-central-1", "s3", aws_time(1440938160'999999999));
  const std::string expected =
      "AWS4-HMAC-SHA256 Credential=ID/20150830/eu-central-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=";
  CHECK(value.substr(0, expected.size()) == expected);
  CHECK(value.size() == expected.size() + 64);
  CHECK(value.find("SECRET") == std::string::npos);
}
