#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "tests/support/redis/ambassador.hpp"
#include "tests/support/redis/cluster.hpp"

using namespace tandem::test;

namespace {

Ambassador& ambassador() {
  static Ambassador one(Ambassador::cluster(shared_cluster().seeds()));
  static const bool ready = one.wait_ready();
  REQUIRE(ready);
  return one;
}

std::string bulk(const std::string& text) { return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n"; }

// What one Redis would answer, from a map.
class Model {
 public:
  void step(std::mt19937& random, std::string& requests, std::vector<std::string>& expected) {
    const std::string key = prefix_ + std::to_string(random() % 200);
    const std::string other = prefix_ + std::to_string(random() % 200);
    const std::string value = random() % 20 == 0 ? std::string(random() % 20000, 'v') : std::to_string(random());
    switch (random() % 9) {
      case 0:
      case 1:
        requests += request({"SET", key, value});
        values_[key] = value;
        expected.push_back("+OK\r\n");
        break;
      case 2:
      case 3:
        requests += request({"GET", key});
        expected.push_back(get(key));
        break;
      case 4:
        requests += request({"MGET", key, other, key});
        expected.push_back("*3\r\n" + get(key) + get(other) + get(key));
        break;
      case 5:
        requests += request({"MSET", key, value, other, "x"});
        values_[key] = value;
        values_[other] = "x";
        expected.push_back("+OK\r\n");
        break;
      case 6: {
        requests += request({"DEL", key, other});
        const std::size_t gone = values_.erase(key) + values_.erase(other);
        expected.push_back(":" + std::to_string(gone) + "\r\n");
        break;
      }
      case 7:
        requests += request({"EXISTS", key, other});
        expected.push_back(":" + std::to_string(values_.count(key) + values_.count(other)) + "\r\n");
        break;
      default:
        requests += "ECHO " + key + "\r\n";
        expected.push_back(bulk(key));
        break;
    }
  }
  explicit Model(std::string prefix) : prefix_(std::move(prefix)) {}

 private:
  std::string get(const std::string& key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? "$-1\r\n" : bulk(found->second);
  }
  std::string prefix_;
  std::map<std::string, std::string> values_;
};

}  // namespace

TEST_CASE("A pipeline of 10,000 mixed commands is answered in order, as one Redis would") {
  for (const unsigned seed : {1u, 2u, 3u}) {
    Model model("pipe:" + std::to_string(seed) + ":");
    std::mt19937 random(seed);
    std::string requests;
    std::vector<std::string> expected;
    for (int i = 0; i < 10'000; ++i) model.step(random, requests, expected);
    RawClient client = ambassador().connect();
    const auto replies = client.pipeline(requests, expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CAPTURE(seed, i);
      REQUIRE(replies[i] == expected[i]);
    }
  }
}

TEST_CASE("Requests in single bytes and values with every byte arrive unchanged") {
  RawClient client = ambassador().connect();
  std::string value;
  for (int i = 0; i < 1024; ++i) value += static_cast<char>(i);
  for (const char c : request({"SET", "bytes", value})) client.write(std::string_view(&c, 1));
  REQUIRE(client.read_reply() == "+OK\r\n");
  REQUIRE(client.ask({"GET", "bytes"}) == bulk(value));
}

TEST_CASE("A value of 20 MB goes both ways") {
  RawClient client = ambassador().connect();
  const std::string value(20 << 20, 'b');
  REQUIRE(client.ask({"SET", "big", value}) == "+OK\r\n");
  REQUIRE(client.ask({"STRLEN", "big"}) == ":20971520\r\n");
  REQUIRE(client.ask({"GET", "big"}) == bulk(value));
  REQUIRE(client.ask({"DEL", "big"}) == ":1\r\n");
}

TEST_CASE("Commands about all keys see every master") {
  RawClient client = ambassador().connect();
  REQUIRE(client.ask({"FLUSHALL"}) == "+OK\r\n");
  std::string requests;
  for (int i = 0; i < 300; ++i) requests += request({"SET", "all:" + std::to_string(i), "x"});
  client.pipeline(requests, 300);
  REQUIRE(client.ask({"DBSIZE"}) == ":300\r\n");
  REQUIRE(client.ask({"KEYS", "all:29?"}).starts_with("*10\r\n"));
  const std::string info = client.ask({"INFO"});
  REQUIRE(info.find("\r\ndb0:keys=300,") != std::string::npos);
  REQUIRE(info.find("\r\n# Tandem\r\n") != std::string::npos);
  REQUIRE(info.find("\r\ntandem_masters_answered:3\r\n") != std::string::npos);

  std::map<std::string, int> seen;
  std::string cursor = "0";
  int rounds = 0;
  do {
    tandem::redis::Reply reply;
    const std::string bytes = client.ask({"SCAN", cursor, "COUNT", "20"});
    REQUIRE(tandem::redis::parse_reply(bytes, reply));
    for (const auto& key : reply.items[1].items) ++seen[std::string(key.text)];
    cursor = reply.items[0].text;
  } while (cursor != "0" && ++rounds < 1000);
  REQUIRE(cursor == "0");
  REQUIRE(seen.size() == 300);
  REQUIRE(client.ask({"FLUSHALL"}) == "+OK\r\n");
  REQUIRE(client.ask({"DBSIZE"}) == ":0\r\n");
}

TEST_CASE("Scripts run on the node of their keys, wherever they were loaded") {
  RawClient client = ambassador().connect();
  const std::string sha = bulk_text(client.ask({"SCRIPT", "LOAD", "return redis.call('incr', KEYS[1])"}));
  for (const char* key : {"s:a", "s:b", "s:c", "s:d"}) {
    client.ask({"DEL", key});
    REQUIRE(client.ask({"EVALSHA", sha, "1", key}) == ":1\r\n");
  }
  REQUIRE(client.ask({"SCRIPT", "EXISTS", sha, "no"}) == "*2\r\n:1\r\n:0\r\n");
  REQUIRE(client.ask({"EVAL", "return 1", "2", "foo", "bar"}).starts_with("-CROSSSLOT"));
}

TEST_CASE("What a client does wrong is its error, and the next request is fine") {
  RawClient client = ambassador().connect();
  client.ask({"SET", "str", "x"});
  REQUIRE(client.ask({"LPUSH", "str", "x"}).starts_with("-WRONGTYPE"));
  REQUIRE(client.ask({"GET"}) == "-ERR wrong number of arguments for 'get' command\r\n");
  REQUIRE(client.ask({"NOPE", "a"}).starts_with("-ERR unknown command 'NOPE'"));
  REQUIRE(client.ask({"SUNION", "foo", "bar"}).starts_with("-CROSSSLOT"));
  REQUIRE(client.ask({"PING"}) == "+PONG\r\n");
}

TEST_CASE("Garbage ends its own connection only, after the replies before it") {
  RawClient good = ambassador().connect(), bad = ambassador().connect();
  bad.write(request({"SET", "g", "1"}) + "*1\r\n:5\r\n" + request({"SET", "g", "2"}));
  REQUIRE(bad.read_reply() == "+OK\r\n");
  REQUIRE(bad.read_reply() == "-ERR Protocol error: expected '$', got ':'\r\n");
  REQUIRE(bad.closed());
  REQUIRE(good.ask({"GET", "g"}) == "$1\r\n1\r\n");
}

TEST_CASE("QUIT and a half-closed connection still get every reply") {
  RawClient client = ambassador().connect();
  client.write(request({"SET", "q", "1"}) + request({"GET", "q"}) + request({"QUIT"}) + request({"SET", "q", "2"}));
  REQUIRE(client.read_reply() == "+OK\r\n");
  REQUIRE(client.read_reply() == "$1\r\n1\r\n");
  REQUIRE(client.read_reply() == "+OK\r\n");
  REQUIRE(client.closed());
  RawClient half = ambassador().connect();
  half.write(request({"GET", "q"}));
  half.shut_writing();
  REQUIRE(half.read_reply() == "$1\r\n1\r\n");
  REQUIRE(half.closed());
}
