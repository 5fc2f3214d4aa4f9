#include "adapter/metrics/redis_info.hpp"

#include <catch2/catch.hpp>

#include "adapter/metrics/redis_reply.hpp"
#include "tests/unit/metrics/text.hpp"

using namespace tandem::metrics;

namespace {

bool has(const Page& page, const std::string& line) {
  return ("\n" + text_of(page)).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("INFO becomes redis_exporter's metrics") {
  auto page = parse_redis_info(
      "# Server\r\nredis_version:7.0.15\r\nredis_mode:cluster\r\nos:Linux 6.1\r\nuptime_in_seconds:77\r\n"
      "# Clients\r\nconnected_clients:3\r\n# Memory\r\nused_memory:1048576\r\nmaxmemory:0\r\n"
      "# Stats\r\ntotal_commands_processed:12345\r\nkeyspace_hits:10\r\nkeyspace_misses:4\r\n"
      "# Replication\r\nrole:slave\r\nmaster_link_status:down\r\n# CPU\r\nused_cpu_sys:1.25\r\n"
      "# Keyspace\r\ndb0:keys=5,expires=2,avg_ttl=100\r\n",
      web);
  CHECK(page.problem_count == 0);
  CHECK(has(page, "redis_connected_clients{container=\"web\"} 3"));
  CHECK(has(page, "redis_memory_used_bytes{container=\"web\"} 1048576"));
  CHECK(has(page, "redis_commands_processed_total{container=\"web\"} 12345"));
  CHECK(has(page, "redis_keyspace_hits_total{container=\"web\"} 10"));
  CHECK(has(page, "redis_keyspace_misses_total{container=\"web\"} 4"));
  CHECK(has(page, "redis_cpu_sys_seconds_total{container=\"web\"} 1.25"));
  CHECK(has(page, "redis_master_link_up{container=\"web\"} 0"));
  CHECK(has(page, "redis_db_keys{container=\"web\",db=\"db0\"} 5"));
  CHECK(has(page, "redis_db_keys_expiring{container=\"web\",db=\"db0\"} 2"));
  CHECK(has(page,
            "redis_instance_info{container=\"web\",redis_version=\"7.0.15\",redis_mode=\"cluster\",os=\"Linux "
            "6.1\",role=\"slave\"} 1"));
}

TEST_CASE("a number that is none is told, the rest stays") {
  auto page = parse_redis_info("connected_clients:many\nused_memory:1\n", web);
  CHECK(page.problem_count == 1);
  CHECK(page.samples() == 1);
}

TEST_CASE("a text without one known field is no INFO") {
  CHECK(parse_redis_info("", web).problem_count == 1);
  CHECK(parse_redis_info("hello: world\n", web).families.empty());
}

TEST_CASE("an INFO of a hundred thousand databases is one pass, and has the limit that all samples have") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "db" + std::to_string(i) + ":keys=1,expires=0,avg_ttl=0\r\n";
  CHECK(parse_redis_info(text, web).samples() == 200'000);
  PageLimits limits;
  limits.samples = 1000;
  const auto page = parse_redis_info(text, web, limits);
  CHECK(page.refused);
  CHECK(page.left_out.at("samples") == 1);
  CHECK(page.problems == std::vector<std::string>{"it has more than limits.samples (1000) samples"});
}

TEST_CASE("a server that says the password has it masked") {
  const auto page = parse_redis_info("os:you sent hunter2\nused_memory:1\n", web, {}, "hunter2");
  CHECK(has(page, "redis_instance_info{container=\"web\",os=\"you sent ***\"} 1"));
}

TEST_CASE("replies are read however they are cut") {
  std::string bulk = "$5\r\nab\r\nc\r\nrest";
  using State = RedisReply::State;
  for (std::size_t length = 0; length < 11; ++length) {
    INFO(length);
    CHECK(read_redis_reply(std::string_view(bulk).substr(0, length)).state == State::incomplete);
  }
  auto reply = read_redis_reply(bulk);
  CHECK(reply.state == State::text);
  CHECK(reply.text == "ab\r\nc");
  CHECK(reply.length == 11);
  CHECK(read_redis_reply("+OK\r\n").text == "OK");
  CHECK(read_redis_reply("-NOAUTH x\r\n").state == State::error);
  for (const char* broken : {"HTTP/1.1 400 Bad\r\n", "\r\n", "$-1\r\n", "$x\r\n", "$99999999999\r\n", "$1\r\nabc\r\n"})
    CHECK(read_redis_reply(broken).state == State::broken);
  CHECK(redis_command({"AUTH", "a b"}) == "*2\r\n$4\r\nAUTH\r\n$3\r\na b\r\n");
}
