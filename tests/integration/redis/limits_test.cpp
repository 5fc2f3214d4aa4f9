#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "tests/support/redis/ambassador.hpp"
#include "tests/support/redis/cluster.hpp"

using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

double bites(const Ambassador& ambassador, const std::string& limit) {
  return ambassador.metric("tandem_redis_limits_total{limit=\"" + limit + "\"}");
}

int lines_about(const Ambassador& ambassador, const std::string& limit) {
  int count = 0;
  const std::string log = ambassador.log();
  for (std::size_t at = 0, end = 0; (end = log.find('\n', at)) != log.npos; at = end + 1) {
    const std::string line = log.substr(at, end - at);
    count += line.find("a limit is reached") != line.npos && line.find(limit) != line.npos;
  }
  return count;
}

}  // namespace

TEST_CASE("A client that does not take its replies is no longer read, costs bounded memory, and gets them all later") {
  Ambassador ambassador(Ambassador::cluster(shared_cluster().seeds()), "limits: {outputBuffer: 1Mi, pipeline: 50}");
  REQUIRE(ambassador.wait_ready());
  RawClient slow = ambassador.connect(), other = ambassador.connect();
  const std::string value(100'000, 's');
  REQUIRE(slow.ask({"SET", "slow", value}) == "+OK\r\n");
  std::string requests;
  for (int i = 0; i < 1000; ++i) requests += request({"GET", "slow"});
  slow.write(requests);  // 100 MB of replies
  REQUIRE(wait_until([&] { return ambassador.metric("tandem_redis_output_bytes") >= 1 << 20; }));
  REQUIRE(other.ask({"GET", "slow"}) == "$100000\r\n" + value + "\r\n");
  // What was asked before the limit was seen is still answered: one pipeline's worth, and not the 100 MB.
  REQUIRE(wait_until([&] { return ambassador.metric("tandem_redis_requests_pending") <= 1; }));
  REQUIRE(ambassador.metric("tandem_redis_output_bytes") < (1 << 20) + 51 * 100'011);
  for (int i = 0; i < 1000; ++i) REQUIRE(slow.read_reply().size() == 100'000 + 11);
  REQUIRE(wait_until([&] { return ambassador.metric("tandem_redis_output_bytes") == 0; }));
}

TEST_CASE("A reply that is larger than it may be is an error for who asked, and nothing for those behind it") {
  Ambassador ambassador(Ambassador::cluster(shared_cluster().seeds()), "limits: {replySize: 1Mi}");
  REQUIRE(ambassador.wait_ready());
  RawClient client = ambassador.connect(), other = ambassador.connect();
  REQUIRE(client.ask({"SETRANGE", "{large}", "8000000", "x"}) == ":8000001\r\n");
  REQUIRE(client.ask({"SET", "{large}small", "v"}) == "+OK\r\n");
  for (int round = 0; round < 3; ++round) {
    client.write(request({"GET", "{large}"}) + request({"GET", "{large}small"}) +
                 request({"MGET", "{large}", "other"}));
    other.write(request({"GET", "{large}small"}));
    CHECK(client.read_reply().find("is larger than limits.replySize") != std::string::npos);
    CHECK(client.read_reply() == "$1\r\nv\r\n");
    CHECK(client.read_reply().find("is larger than limits.replySize") != std::string::npos);
    CHECK(other.read_reply() == "$1\r\nv\r\n");
  }
  CHECK(ambassador.metric("tandem_redis_errors_total{reason=\"too_large\"}") == 6);
  CHECK(ambassador.metric("tandem_redis_node_failures_total") == 0);
}

TEST_CASE("When clients hold too much together, the one that holds most is closed, and the others go on") {
  Ambassador ambassador(Ambassador::cluster(shared_cluster().seeds()), "limits: {clientMemory: 4Mi}");
  REQUIRE(ambassador.wait_ready());
  RawClient other = ambassador.connect();
  const std::string value(1'000'000, 's');
  REQUIRE(other.ask({"SET", "slow", value}) == "+OK\r\n");
  RawClient sender = ambassador.connect();
  sender.write("*2\r\n$3\r\nGET\r\n$50000000\r\n" + std::string(1'000'000, 'a'));  // and no more
  RawClient greedy = ambassador.connect();
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += request({"GET", "slow"});
  greedy.write(requests);
  REQUIRE(wait_until([&] { return ambassador.metric("tandem_redis_clients_evicted_total") >= 1; }));
  CHECK(wait_until([&] { return ambassador.metric("tandem_redis_clients") == 2; }));  // not the sender
  CHECK(other.ask({"GET", "slow"}) == "$1000000\r\n" + value + "\r\n");
}

TEST_CASE("A request with a length that Redis refuses ends its client, and not the connection that clients share") {
  Ambassador ambassador(Ambassador::cluster(shared_cluster().seeds()));
  REQUIRE(ambassador.wait_ready());
  for (const char* bytes :
       {"*+2\r\n$3\r\nGET\r\n$1\r\na\r\n", "*02\r\n$3\r\nGET\r\n$1\r\na\r\n", "*2\r\n$03\r\nGET\r\n$1\r\na\r\n",
        "*2\r\n$3\r\nGET\r\n$+1\r\na\r\n", "*2\r\n$3\r\nGET\r\n$-0\r\n\r\n"}) {
    CAPTURE(bytes);
    RawClient client = ambassador.connect();
    client.write(bytes);
    CHECK(client.read_reply().starts_with("-ERR Protocol error: invalid "));
    CHECK(client.closed());
  }
  CHECK(ambassador.metric("tandem_redis_node_failures_total") == 0);
}

TEST_CASE("Connections past the limit get Redis' error, and a freed place is used again") {
  Ambassador ambassador(Ambassador::cluster(shared_cluster().seeds()), "limits: {clients: 3}");
  REQUIRE(ambassador.wait_ready());
  auto first = std::make_unique<RawClient>(ambassador.port());
  RawClient second = ambassador.connect();
  REQUIRE(first->ask({"PING"}) == "+PONG\r\n");
  REQUIRE(second.ask({"PING"}) == "+PONG\r\n");
  RawClient third = ambassador.connect();
  REQUIRE(third.ask({"PING"}) == "+PONG\r\n");
  RawClient fourth = ambassador.connect();
  REQUIRE(fourth.read_reply() == "-ERR max number of clients reached\r\n");
  REQUIRE(fourth.closed());
  CHECK(bites(ambassador, "clients") == 1);
  CHECK(lines_about(ambassador, "clients") == 1);
  first.reset();
  REQUIRE(wait_until([&] { return ambassador.metric("tandem_redis_clients") == 2; }));
  RawClient fifth = ambassador.connect();
  REQUIRE(fifth.ask({"PING"}) == "+PONG\r\n");
}

TEST_CASE("Clients leave descriptors for the admin port and the nodes, however many may come") {
  Ambassador ambassador(Ambassador::cluster(shared_cluster().seeds()));
  REQUIRE(ambassador.wait_ready());
  const rlimit few{128, 128};
  REQUIRE(::prlimit(ambassador.child().pid(), RLIMIT_NOFILE, &few, nullptr) == 0);
  std::vector<std::unique_ptr<RawClient>> clients;
  std::string answer = "+PONG\r\n";
  for (int i = 0; i < 150 && answer == "+PONG\r\n"; ++i) {
    clients.push_back(std::make_unique<RawClient>(ambassador.port()));
    answer = clients.back()->ask({"PING"});
  }
  REQUIRE(answer == "-ERR max number of clients reached\r\n");
  CHECK(bites(ambassador, "descriptors") == 1);
  CHECK(lines_about(ambassador, "descriptors") == 1);
  REQUIRE(clients.front()->ask({"SET", "few", "x"}) == "+OK\r\n");
  REQUIRE(ambassador.metric("tandem_redis_clients") >= 32);
  REQUIRE(ambassador.wait_ready());
}

TEST_CASE("With a password clients must send it, and the nodes get theirs") {
  Ambassador ambassador(Ambassador::cluster(shared_cluster().seeds()), "auth: {password: sesame}");
  REQUIRE(ambassador.wait_ready());
  RawClient client = ambassador.connect();
  REQUIRE(client.ask({"GET", "a"}) == "-NOAUTH Authentication required.\r\n");
  REQUIRE(client.ask({"AUTH", "wrong"}).starts_with("-WRONGPASS"));
  REQUIRE(client.ask({"AUTH", "sesame"}) == "+OK\r\n");
  REQUIRE(client.ask({"SET", "a", "1"}) == "+OK\r\n");
}

TEST_CASE("Who has not sent its password cannot fill memory, and who sends it may send much behind it at once") {
  Ambassador ambassador(Ambassador::cluster(shared_cluster().seeds()), "auth: {password: sesame}");
  REQUIRE(ambassador.wait_ready());
  RawClient stranger = ambassador.connect();
  stranger.write("*2\r\n$3\r\nGET\r\n$100000000\r\n" + std::string(100, 'a'));
  CHECK(stranger.read_reply() == "-ERR Protocol error: unauthenticated bulk length\r\n");
  CHECK(stranger.closed());
  CHECK(bites(ambassador, "beforeAuth") == 1);
  CHECK(lines_about(ambassador, "beforeAuth") == 1);
  RawClient client = ambassador.connect();
  const std::string value(100'000, 'v');
  client.write(request({"AUTH", "sesame"}) + request({"SET", "a", value}));
  CHECK(client.read_reply() == "+OK\r\n");
  CHECK(client.read_reply() == "+OK\r\n");
  CHECK(client.ask({"GET", "a"}) == "$100000\r\n" + value + "\r\n");
}

TEST_CASE("Each limit is counted when it bites, and logged when it begins to") {
  TemporaryDirectory folder;
  RedisServer server(free_port(), folder.path(), {});
  server.start();
  Ambassador ambassador(
      "server: {address: \"" + server.address() + "\"}",
      "limits: {requestSize: 8Ki, nodeQueue: 4Ki, pipeline: 4, waiting: 5Ki}\ntimeouts: {request: 30s}");
  REQUIRE(ambassador.wait_ready());
  for (int i = 1; i <= 3; ++i) {
    RawClient client = ambassador.connect();
    client.write("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$10000\r\n");
    CHECK(client.read_reply() == "-ERR Protocol error: too big request\r\n");
    CHECK(bites(ambassador, "requestSize") == i);
  }
  CHECK(lines_about(ambassador, "requestSize") == 1);

  std::string requests;
  for (int i = 0; i < 100; ++i) requests += request({"GET", "a"});
  RawClient hasty = ambassador.connect();
  CHECK(hasty.pipeline(requests, 100).size() == 100);
  CHECK(bites(ambassador, "pipeline") >= 1);
  CHECK(lines_about(ambassador, "pipeline") == 1);

  server.pause();
  const std::string large = request({"SET", "a", std::string(3000, 'v')});
  hasty.write(large + large + large);  // on its way, waiting, and one too many
  const bool full = wait_until([&] { return bites(ambassador, "waiting") >= 1; });
  server.go_on();
  REQUIRE(full);
  CHECK(hasty.read_reply() == "+OK\r\n");
  CHECK(hasty.read_reply() == "+OK\r\n");
  CHECK(hasty.read_reply().find("too many requests wait already; requests of limits.nodeQueue") != std::string::npos);
  CHECK(lines_about(ambassador, "nodeQueue") == 1);
  CHECK(lines_about(ambassador, "waiting") == 1);
}

TEST_CASE("SIGTERM: what was asked is answered, then every connection ends and the program exits 0") {
  Ambassador ambassador(Ambassador::cluster(shared_cluster().seeds()));
  REQUIRE(ambassador.wait_ready());
  RawClient busy = ambassador.connect(), idle = ambassador.connect();
  REQUIRE(idle.ask({"PING"}) == "+PONG\r\n");
  std::string requests;
  for (int i = 0; i < 500; ++i) requests += request({"SET", "term:" + std::to_string(i), "x"});
  busy.write(requests);
  REQUIRE(busy.read_reply() == "+OK\r\n");
  ambassador.child().signal(SIGTERM);
  REQUIRE(idle.closed());
  REQUIRE(busy.closed());
  REQUIRE(ambassador.child().wait().code == 0);
}
