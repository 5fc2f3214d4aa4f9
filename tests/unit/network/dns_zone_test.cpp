#include <catch2/catch.hpp>

#include "pods/network/dns_wire.hpp"
#include "pods/network/dns_zone.hpp"
#include "pods/network/ipv4.hpp"

using namespace tandem::network::dns;

namespace {

const std::map<std::string, std::vector<std::string>> names{
    {"redis-cluster.default.svc.cluster.local", {"10.83.0.2", "10.83.0.3", "10.83.0.4"}},
    {"empty.default.svc.cluster.local", {}},
    {"db.internal", {"10.83.0.9"}},
};

std::optional<Message> ask(const std::string& name, std::uint16_t type = type::a, std::size_t rotation = 0) {
  const auto answer = answer_from(names, *parse_query(*build_query(7, name, type)).query, rotation, 512);
  if (!answer) return std::nullopt;
  const auto message = parse_message(*answer);
  REQUIRE(message);
  return message;
}

std::string first_address(const Message& message) {
  return tandem::network::format_ipv4(*WireReader(message.answers.at(0).data).number32());
}

}  // namespace

TEST_CASE("A known name is answered with all its addresses, another one first each time") {
  const std::string name = "redis-cluster.default.svc.cluster.local";
  CHECK(ask(name)->answers.size() == 3);
  CHECK(first_address(*ask(name, type::a, 0)) == "10.83.0.2");
  CHECK(first_address(*ask(name, type::a, 1)) == "10.83.0.3");
  CHECK(first_address(*ask(name, type::a, 5)) == "10.83.0.4");
  CHECK(ask("REDIS-Cluster.Default.svc.cluster.LOCAL")->answers.size() == 3);
}

TEST_CASE("A known name has no IPv6 address, which is not the same as not being there") {
  const auto message = ask("redis-cluster.default.svc.cluster.local", type::aaaa);
  REQUIRE(message);
  CHECK(message->header.rcode == 0);
  CHECK(message->answers.empty());
  CHECK(ask("empty.default.svc.cluster.local")->header.rcode == 0);
  CHECK(ask("default.svc.cluster.local")->header.rcode == 0);
  CHECK(ask("cluster.local")->header.rcode == 0);
}

TEST_CASE("An unknown name below cluster.local does not exist, and is asked nowhere else") {
  for (const char* name : {"nobody.default.svc.cluster.local", "other.svc.cluster.local", "x.cluster.local"}) {
    INFO(name);
    CHECK(ask(name)->header.rcode == 3);
  }
}

TEST_CASE("Names of others are not ours to answer, however much they look like it") {
  for (const char* name :
       {"example.com", "redis-cluster", "notcluster.local", "cluster.local.example.com", "local", ""}) {
    INFO(name);
    CHECK_FALSE(ask(name));
  }
  CHECK(ask("db.internal")->answers.size() == 1);
}

TEST_CASE("Another class than the Internet's is refused for our names") {
  Bytes message = *build_query(7, "x.cluster.local", type::a);
  message.back() = 3;  // CHAOS
  const auto answer = answer_from(names, *parse_query(message).query, 0, 512);
  REQUIRE(answer);
  CHECK(parse_message(*answer)->header.rcode == 5);
}
