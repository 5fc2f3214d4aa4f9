#include <catch2/catch.hpp>
#include <string>

#include "sidecars/log/record/cri_line.hpp"

using namespace tandem::shipper;

namespace {

CriLine parsed(std::string_view line) {
  CriLine result;
  INFO(line);
  REQUIRE(parse_cri_line(line, result));
  return result;
}

std::int64_t time_of(const std::string& time) { return parsed(time + " stdout F x").time_ns; }

bool refused(const std::string& line) {
  CriLine out;
  out.message = "untouched";
  return !parse_cri_line(line, out) && out.message == "untouched";
}

}  // namespace

TEST_CASE("A CRI line tells time, stream, whether it goes on, and the message") {
  const CriLine line = parsed("2026-11-22T10:00:00.123456789Z stdout F hello world ");
  CHECK(line.time_ns == 1795341600'123456789);
  CHECK(line.stream == "stdout");
  CHECK_FALSE(line.partial);
  CHECK(line.message == "hello world ");

  const CriLine part = parsed("2026-11-22T10:00:00.1Z stderr P  two spaces\r");
  CHECK(part.time_ns == 1795341600'100000000);
  CHECK(part.stream == "stderr");
  CHECK(part.partial);
  CHECK(part.message == " two spaces\r");
}

TEST_CASE("A message may be empty, with and without its space, and tags that nobody knows yet are passed over") {
  CHECK(parsed("2026-11-22T10:00:00Z stdout F ").message.empty());
  CHECK(parsed("2026-11-22T10:00:00Z stdout F").message.empty());
  CHECK(parsed("2026-11-22T10:00:00Z stdout P:new:tags a:b c").message == "a:b c");
  CHECK(parsed("2026-11-22T10:00:00Z stdout P:new:tags a:b c").partial);
}

TEST_CASE("Times have an offset or Z, and any number of digits up to nanoseconds") {
  CHECK(time_of("1970-01-01T00:00:00Z") == 0);
  CHECK(time_of("1970-01-01T00:00:00.000000001Z") == 1);
  CHECK(time_of("1969-12-31T23:59:59.5Z") == -500'000'000);
  CHECK(time_of("2026-11-22T12:00:00.123+02:00") == 1795341600'123000000);
  CHECK(time_of("2026-11-22T04:30:00-05:30") == 1795341600'000000000);
  CHECK(time_of("2024-02-29T00:00:00Z") == 1709164800'000000000);
  CHECK(time_of("2000-02-29T00:00:00Z") == 951782400'000000000);
  CHECK(time_of("2016-12-31T23:59:60Z") == time_of("2017-01-01T00:00:00Z"));
  CHECK(time_of("2261-12-31T23:59:59.999999999Z") == 9214646399'999999999);
}

TEST_CASE("What is not exactly a CRI line is refused, and leaves the result untouched") {
  const std::string good = "2026-11-22T10:00:00.123Z stdout F x";
  for (std::size_t length = 0; length < good.size() - 2; ++length) CHECK(refused(good.substr(0, length)));
  for (const char* line : {
           "2026-13-22T10:00:00Z stdout F x",     "2026-00-22T10:00:00Z stdout F x",
           "2026-11-31T10:00:00Z stdout F x",     "2026-11-00T10:00:00Z stdout F x",
           "2026-02-29T10:00:00Z stdout F x",     "2100-02-29T10:00:00Z stdout F x",
           "2026-11-22T24:00:00Z stdout F x",     "2026-11-22T10:60:00Z stdout F x",
           "2026-11-22T10:00:61Z stdout F x",     "2026-11-22t10:00:00Z stdout F x",
           "2026-11-22 10:00:00Z stdout F x",     "2026-11-22T10:00:00z stdout F x",
           "2026-11-22T10:00:00.Z stdout F x",    "2026-11-22T10:00:00.1234567890Z stdout F x",
           "2026-11-22T10:00:00+0200 stdout F x", "2026-11-22T10:00:00+24:00 stdout F x",
           "2026-11-22T10:00:00Z stdin F x",      "2026-11-22T10:00:00Z stdout X x",
           "2026-11-22T10:00:00Z stdout Fx",      "2026-11-22T10:00:00Z  stdout F x",
           "2026-11-22T10:00:00Z stdout  F x",    "2026-11-22T10:00:00 stdout F x",
           "1677-11-22T10:00:00Z stdout F x",     "2262-01-01T10:00:00Z stdout F x",
           "20a6-11-22T10:00:00Z stdout F x",
       })
    CHECK(refused(line));
}

TEST_CASE("A path of Kubernetes' tells namespace, pod, uid, container and restart") {
  PodLogPath path;
  REQUIRE(parse_pod_log_path("/var/log/pods/shop_web-1.a_0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/app/12.log", path));
  CHECK(path.name_space == "shop");
  CHECK(path.pod == "web-1.a");
  CHECK(path.uid == "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0");
  CHECK(path.container == "app");
  CHECK(path.restart == 12);
  // A static pod's uid is a hash; rotated files keep the name of theirs.
  REQUIRE(
      parse_pod_log_path("pods/kube-system_etcd_5c1f0a9bb1d5e2a6c9d0b0a4c4e5d6f7/etcd/0.log.20261122-100000.gz", path));
  CHECK(path.uid == "5c1f0a9bb1d5e2a6c9d0b0a4c4e5d6f7");
  CHECK(path.restart == 0);
}

TEST_CASE("A path of Tandem's tells the start of the uid, container and restart") {
  PodLogPath path;
  REQUIRE(parse_pod_log_path("/var/lib/tandem/pods/0f1e2d3c4b5a/logs/app/3.log", path));
  CHECK(path.name_space.empty());
  CHECK(path.pod.empty());
  CHECK(path.uid == "0f1e2d3c4b5a");
  CHECK(path.container == "app");
  CHECK(path.restart == 3);
}

TEST_CASE("Other paths are refused") {
  PodLogPath path;
  path.container = "untouched";
  for (const char* other : {
           "",
           "/",
           "0.log",
           "/var/log/app.log",
           "/var/log/pods/shop_web_uid/app/x.log",
           "/var/log/pods/shop_web_uid/app/",
           "/var/log/pods/shop_web/app/0.log",
           "/var/log/pods/_web_uid/app/0.log",
           "/var/log/pods/shop__uid/app/0.log",
           "/var/log/pods/shop_web_/app/0.log",
           "/var/log/pods/shop_a_b_uid/app/0.log",
           "/var/log/pods/shop_web_uid//0.log",
           "/var/log/other/shop_web_uid/app/0.log",
           "/lib/pods/0f1e2d3c4b5/logs/app/0.log",
           "/lib/pods/0F1E2D3C4B5A/logs/app/0.log",
           "/var/log/pods/shop_web_uid/app/00.log",
           "/var/log/pods/shop_web_uid/app/-1.log",
           "/var/log/pods/shop_web_uid/app/99999999999.log",
           "/var/log/pods/shop_web_uid/app/0.logs",
       })
    CHECK_FALSE(parse_pod_log_path(other, path));
  CHECK(path.container == "untouched");
}
