// Slots move while clients work.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "ambassador/redis/slot.hpp"
#include "tests/support/redis/ambassador.hpp"
#include "tests/support/redis/cluster.hpp"

using namespace tandem::test;
using tandem::redis::key_slot;

namespace {

RedisServer& another_master(RedisServer& not_this) {
  for (int slot = 0; slot < 16384; slot += 100) {
    RedisServer& node = shared_cluster().owner_of(slot);
    if (&node != &not_this) return node;
  }
  throw std::runtime_error("there is one master only");
}

}  // namespace

TEST_CASE("A half moved slot is served: ASK for what is gone, TRYAGAIN is waited for, nothing shows") {
  RedisCluster& cluster = shared_cluster();
  Ambassador ambassador(Ambassador::cluster(cluster.seeds()));
  REQUIRE(ambassador.wait_ready());
  RawClient client = ambassador.connect();
  const int slot = key_slot("half");
  const int keys = 40;
  for (int i = 0; i < keys; ++i)
    REQUIRE(client.ask({"SET", "{half}" + std::to_string(i), std::to_string(i)}) == "+OK\r\n");
  RedisServer& target = another_master(cluster.owner_of(slot));
  cluster.move_slot(slot, target, [&] {
    std::string requests;
    for (int i = 0; i < keys; ++i) requests += request({"GET", "{half}" + std::to_string(i)});
    const auto replies = client.pipeline(requests, keys);
    for (int i = 0; i < keys; ++i) REQUIRE(bulk_text(replies[static_cast<std::size_t>(i)]) == std::to_string(i));
    REQUIRE(client.ask({"SET", "{half}new", "n"}) == "+OK\r\n");
    REQUIRE(ambassador.metric("tandem_redis_redirections_total{kind=\"ask\"}") > 0);
    // Keys on both sides: the node says TRYAGAIN until the move is over, here until the time is.
    client.write(request({"MGET", "{half}0", "{half}1", "{half}2", "{half}38", "{half}39"}));
  });
  REQUIRE(client.read_reply() == "*5\r\n$1\r\n0\r\n$1\r\n1\r\n$1\r\n2\r\n$2\r\n38\r\n$2\r\n39\r\n");
  REQUIRE(client.ask({"GET", "{half}new"}) == "$1\r\nn\r\n");
  REQUIRE(client.ask({"GET", "{half}7"}) == "$1\r\n7\r\n");
  REQUIRE(&cluster.owner_of(slot) == &target);
}

TEST_CASE("Slots that move under load lose no write and show no redirection") {
  RedisCluster& cluster = shared_cluster();
  Ambassador ambassador(Ambassador::cluster(cluster.seeds()));
  REQUIRE(ambassador.wait_ready());
  std::atomic<bool> stop{false};
  std::atomic<int> rounds{0};
  std::vector<std::string> wrong(3);
  const auto work = [&](std::size_t number) {
    RawClient client(ambassador.port());
    for (int count = 1; !stop; ++count, ++rounds) {
      std::string requests;
      std::vector<std::string> expected;
      for (int key = 0; key < 12; ++key) {
        const std::string name = "load:" + std::to_string(number) + ":" + std::to_string(key);
        requests += request({"INCR", name}) + request({"GET", name});
        const std::string value = std::to_string(count);
        expected.push_back(":" + value + "\r\n");
        expected.push_back("$" + std::to_string(value.size()) + "\r\n" + value + "\r\n");
      }
      const auto replies = client.pipeline(requests, expected.size());
      for (std::size_t i = 0; i < replies.size() && wrong[number].empty(); ++i)
        if (replies[i] != expected[i]) wrong[number] = "got " + replies[i] + " instead of " + expected[i];
    }
  };
  RawClient(ambassador.port()).ask({"FLUSHALL"});
  {
    std::vector<std::thread> threads;
    for (std::size_t number = 0; number < wrong.size(); ++number) {
      threads.emplace_back([&, number] {
        try {
          work(number);
        } catch (const std::exception& error) {
          wrong[number] = error.what();
        }
      });
    }
    const auto before = rounds.load();
    wait_until([&] { return rounds > before + 50; });
    for (std::size_t number = 0; number < 3; ++number) {
      for (int key = 0; key < 12; ++key) {
        const int slot = key_slot("load:" + std::to_string(number) + ":" + std::to_string(key));
        cluster.move_slot(slot, another_master(cluster.owner_of(slot)));
      }
    }
    stop = true;
    for (std::thread& thread : threads) thread.join();
  }
  for (const std::string& text : wrong) REQUIRE(text == "");
  REQUIRE(ambassador.metric("tandem_redis_redirections_total{kind=\"moved\"}") > 0);
}
