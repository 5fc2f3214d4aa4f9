#include "ambassador/redis/merge.hpp"

#include <catch2/catch.hpp>

using namespace tandem::redis;

namespace {

std::string merged(MergeKind kind, std::vector<PartReply> parts) {
  std::string out = "before";
  merge_replies(kind, parts, out);
  REQUIRE(out.starts_with("before"));
  return out.substr(6);
}

}  // namespace

TEST_CASE("Values come back in the order of the keys") {
  REQUIRE(merged(MergeKind::values, {{"*2\r\n$1\r\na\r\n$-1\r\n", {0, 3}}, {"*2\r\n$1\r\nb\r\n$1\r\nc\r\n", {1, 2}}}) ==
          "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$-1\r\n");
}

TEST_CASE("Integers are summed, lists joined, least numbers taken, and OK is OK") {
  REQUIRE(merged(MergeKind::sum, {{":2\r\n", {}}, {":40\r\n", {}}}) == ":42\r\n");
  REQUIRE(merged(MergeKind::concatenate, {{"*1\r\n$1\r\na\r\n", {}}, {"*0\r\n", {}}, {"*1\r\n$1\r\nb\r\n", {}}}) ==
          "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
  REQUIRE(merged(MergeKind::minimum, {{"*2\r\n:1\r\n:1\r\n", {}}, {"*2\r\n:1\r\n:0\r\n", {}}}) == "*2\r\n:1\r\n:0\r\n");
  REQUIRE(merged(MergeKind::all_ok, {{"+OK\r\n", {}}, {"+OK\r\n", {}}}) == "+OK\r\n");
}

TEST_CASE("The first error of any part is the reply") {
  REQUIRE(merged(MergeKind::all_ok, {{"+OK\r\n", {}}, {"-OOM no\r\n", {}}, {"-ERR x\r\n", {}}}) == "-OOM no\r\n");
  REQUIRE(merged(MergeKind::values, {{"-ERR x\r\n", {0}}, {"*1\r\n$1\r\na\r\n", {1}}}) == "-ERR x\r\n");
}

TEST_CASE("A part of another shape is an error, never a wrong reply") {
  for (const auto& [kind, bytes] :
       std::vector<std::pair<MergeKind, std::string>>{{MergeKind::sum, "+OK\r\n"},
                                                      {MergeKind::sum, ":9223372036854775807\r\n"},
                                                      {MergeKind::values, "*1\r\n$1\r\na\r\n"},
                                                      {MergeKind::values, ":1\r\n"},
                                                      {MergeKind::concatenate, "$1\r\na\r\n"},
                                                      {MergeKind::minimum, "*1\r\n$1\r\na\r\n"}}) {
    CAPTURE(bytes);
    REQUIRE(merged(kind, {{":1\r\n", {0, 1}}, {bytes, {2, 3}}}).starts_with("-ERR tandem-redis:"));
  }
}
