// Real clients: redis-cli, redis-benchmark, python3-redis.
#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "tests/support/redis/ambassador.hpp"
#include "tests/support/redis/cluster.hpp"
#include "tests/support/skip.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

Ambassador& ambassador() {
  static Ambassador one(Ambassador::cluster(shared_cluster().seeds()));
  static const bool ready = one.wait_ready();
  REQUIRE(ready);
  return one;
}

std::string cli(std::vector<std::string> args, const std::string& input = "") {
  std::vector<std::string> argv = command_of("redis-cli");
  argv.insert(argv.end(), {"-p", std::to_string(ambassador().port())});
  argv.insert(argv.end(), args.begin(), args.end());
  const CommandResult result = run_command(argv, input);
  return result.output;
}

}  // namespace

TEST_CASE("redis-cli works, with arguments, from a pipe and in its mass insertion mode") {
  REQUIRE(cli({"PING"}) == "PONG\n");
  REQUIRE(cli({"SET", "cli", "v"}) == "OK\n");
  REQUIRE(cli({"--no-raw", "MGET", "cli", "none", "cli"}) == "1) \"v\"\n2) (nil)\n3) \"v\"\n");
  REQUIRE(cli({}, "SET cli:1 \"a b\"\nGET cli:1\nCLIENT GETNAME\n").find("OK\na b\n") == 0);
  REQUIRE(cli({"-2", "HELLO", "3"}).find("NOPROTO") != std::string::npos);
  std::string mass;
  for (int i = 0; i < 2000; ++i) mass += request({"SET", "mass:" + std::to_string(i), "x"});
  REQUIRE(cli({"--pipe"}, mass).find("errors: 0, replies: 2000") != std::string::npos);
  REQUIRE(cli({"--scan", "--pattern", "mass:*"}).find("mass:1999") != std::string::npos);
}

TEST_CASE("redis-benchmark runs through it") {
  std::vector<std::string> argv = command_of("redis-benchmark");
  argv.insert(argv.end(), {"-p", std::to_string(ambassador().port()), "-n", "5000", "-r", "1000", "-P", "16", "-t",
                           "set,get,incr,lpush,sadd,hset,zadd,mset", "-q"});
  const CommandResult result = run_command(argv);
  CAPTURE(result.output, result.errors);
  REQUIRE(result.status.code == 0);
  REQUIRE(result.output.find("rror") == std::string::npos);
  REQUIRE(result.output.find("MSET") != std::string::npos);
}

TEST_CASE("Debian's python3-redis is content") {
  const CommandResult there = run_command({"/usr/bin/python3", "-c", "import redis"});
  if (there.status.code != 0) return skip("python3-redis is not there");
  const CommandResult result =
      run_command({"/usr/bin/python3", TANDEM_SOURCE_DIR "/tests/integration/redis/python_client.py",
                   std::to_string(ambassador().port())});
  CAPTURE(result.output, result.errors);
  REQUIRE(result.output == "python is content\n");
}
