#include "ambassador/redis/info.hpp"

#include <catch2/catch.hpp>

using namespace tandem::redis;

namespace {

InfoFacts facts() {
  InfoFacts facts;
  facts.version = "1.2.3";
  facts.tcp_port = 6379;
  facts.state = "ok";
  facts.slots_covered = 16384;
  facts.masters = {"10.0.0.1:7000", "10.0.0.2:7000"};
  return facts;
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\r\n" + text).find("\r\n" + line + "\r\n") != std::string::npos;
}

}  // namespace

TEST_CASE("INFO sums the nodes' numbers and keeps what is the same everywhere") {
  const std::string_view nodes[] = {
      "# Server\r\nredis_version:7.0.15\r\n# Memory\r\nused_memory:100\r\n# CPU\r\nused_cpu_sys:1.5\r\n"
      "# Keyspace\r\ndb0:keys=3,expires=1,avg_ttl=7\r\nloading:0\r\n",
      "redis_version:7.0.15\r\nused_memory:23\r\nused_cpu_sys:0.25\r\ndb0:keys=4,expires=0,avg_ttl=0\r\nloading:1\r\n"};
  const std::string text = merge_info(nodes, {}, facts());
  for (const char* line :
       {"redis_version:7.0.15", "redis_mode:standalone", "used_memory:123", "used_cpu_sys:1.750000", "loading:1",
        "db0:keys=7,expires=1,avg_ttl=0", "cluster_enabled:0", "# Tandem", "tandem_version:1.2.3", "tandem_state:ok",
        "tandem_masters:2", "tandem_masters_answered:2", "tandem_master1:10.0.0.2:7000"}) {
    CAPTURE(line, text);
    REQUIRE(has_line(text, line));
  }
}

TEST_CASE("INFO shows the sections it is asked for") {
  const std::vector<std::string> wanted = {"KEYSPACE", "tandem"};
  const std::string text = merge_info({}, wanted, facts());
  REQUIRE(text.starts_with("# Keyspace\r\n\r\n# Tandem\r\n"));
  const std::vector<std::string> all = {"everything"};
  REQUIRE(has_line(merge_info({}, all, facts()), "# Server"));
}
