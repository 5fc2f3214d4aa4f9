// The server on loopback, against servers of the test's own.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cctype>
#include <map>
#include <set>

#include "core/os/unique_fd.hpp"
#include "pods/network/dns_message.hpp"
#include "pods/network/name_server.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::network;
using namespace std::chrono_literals;

namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

int port_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return ntohs(address.sin_port);
}

unique_fd connected(int type, int port) {
  unique_fd fd(::socket(AF_INET, type, 0));
  const sockaddr_in address = loopback(port);
  REQUIRE(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return fd;
}

// Turns the server's loop until `fd` can be read; false when it could not within `limit`.
bool run_until_readable(NameServer& server, int fd, std::chrono::milliseconds limit = 60s) {
  const auto end = Clock::now() + limit;
  while (Clock::now() < end) {
    pollfd waits[] = {{fd, POLLIN, 0}, {server.fd(), POLLIN, 0}};
    ::poll(waits, 2, 10);
    if (waits[1].revents) server.on_readable();
    if (server.next_deadline() && *server.next_deadline() <= Clock::now()) server.on_time();
    if (waits[0].revents) return true;
  }
  return false;
}

std::string read_some(int fd) {
  char buffer[65536];
  const auto count = ::recv(fd, buffer, sizeof buffer, 0);
  return count > 0 ? std::string(buffer, static_cast<std::size_t>(count)) : "";
}

std::string framed(const std::string& message) {
  return std::string{static_cast<char>(message.size() >> 8), static_cast<char>(message.size())} + message;
}

struct Received {
  sockaddr_in from{};
  std::string text;
};

Received receive(int fd) {
  Received received;
  char buffer[4096];
  socklen_t size = sizeof received.from;
  const auto count = ::recvfrom(fd, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&received.from), &size);
  REQUIRE(count > 0);
  received.text.assign(buffer, static_cast<std::size_t>(count));
  return received;
}

void send_back(int fd, const Received& to, const std::string& text) {
  ::sendto(fd, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&to.from), sizeof to.from);
}

struct Fixture {
  // A name server that the test itself plays.
  unique_fd upstream{::socket(AF_INET, SOCK_DGRAM, 0)};
  int port = 0;
  std::optional<NameServer> server;

  explicit Fixture(bool with_upstream = true) {
    const sockaddr_in any = loopback(test::free_port());  // for TCP, too
    REQUIRE(::bind(upstream.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0);
    auto listen = listen_for_names("127.0.0.1", test::free_port());
    port = port_of(listen.udp.get());
    Upstream servers;
    servers.open = [upstream_port = port_of(upstream.get())](const std::string& address, int type) {
      return connect_upstream(address, type, upstream_port);
    };
    if (with_upstream) servers.addresses = {"127.0.0.1", "not an address"};
    server.emplace(std::move(listen), std::move(servers), Names{{"web.default.svc.cluster.local", {"10.83.0.2"}}});
  }

  dns::Message ask(int fd, const std::string& message) {
    REQUIRE(::send(fd, message.data(), message.size(), 0) == static_cast<ssize_t>(message.size()));
    REQUIRE(run_until_readable(*server, fd));
    const auto answer = dns::parse_message(read_some(fd));
    REQUIRE(answer);
    return *answer;
  }
};

}  // namespace

TEST_CASE("A pod's name is answered over UDP and over TCP, and names can change") {
  Fixture fixture;
  const unique_fd udp = connected(SOCK_DGRAM, fixture.port);
  const std::string query = *dns::build_query(9, "web.default.svc.cluster.local", dns::type::a);
  CHECK(fixture.ask(udp.get(), query).answers.size() == 1);

  const unique_fd tcp = connected(SOCK_STREAM, fixture.port);
  const std::string two = framed(query) + framed(*dns::build_query(10, "no.cluster.local", dns::type::a));
  REQUIRE(::send(tcp.get(), two.data(), two.size(), 0) == static_cast<ssize_t>(two.size()));
  std::string bytes;
  while (bytes.size() < 2 || bytes.size() < 2 + static_cast<unsigned char>(bytes[1]) + 3u) {
    REQUIRE(run_until_readable(*fixture.server, tcp.get()));
    bytes += read_some(tcp.get());
  }
  const auto first = dns::parse_message(bytes.substr(2, static_cast<unsigned char>(bytes[1])));
  REQUIRE(first);
  CHECK(first->header.id == 9);
  CHECK(first->answers.size() == 1);

  fixture.server->set_names({});
  CHECK(fixture.ask(udp.get(), query).header.rcode == 3);
}

TEST_CASE("A client on TCP that shuts its side after its questions gets every answer, and then the end") {
  Fixture fixture;
  const unique_fd tcp = connected(SOCK_STREAM, fixture.port);
  const std::string asked = framed(*dns::build_query(9, "example.com", dns::type::a)) +
                            framed(*dns::build_query(10, "web.default.svc.cluster.local", dns::type::a));
  REQUIRE(::send(tcp.get(), asked.data(), asked.size(), 0) == static_cast<ssize_t>(asked.size()));
  REQUIRE(::shutdown(tcp.get(), SHUT_WR) == 0);
  REQUIRE(run_until_readable(*fixture.server, fixture.upstream.get()));
  const Received passed_on = receive(fixture.upstream.get());
  send_back(fixture.upstream.get(), passed_on,
            dns::build_addresses(*dns::parse_query(passed_on.text).query, {"192.0.2.80"}, 60, 512));
  std::string answers;
  for (std::string some = " "; !some.empty(); answers += some) {
    REQUIRE(run_until_readable(*fixture.server, tcp.get()));
    some = read_some(tcp.get());
  }
  // Ours first, as the other one had to be asked for.
  const std::size_t first = 2 + static_cast<unsigned char>(answers.at(1));
  CHECK(dns::parse_message(answers.substr(2, first - 2)).value().header.id == 10);
  CHECK(dns::parse_message(answers.substr(first + 2)).value().header.id == 9);
  CHECK_FALSE(fixture.server->next_deadline());
}

TEST_CASE("Another name is asked at the upstream server, and asked again when that says nothing") {
  Fixture fixture;
  const unique_fd udp = connected(SOCK_DGRAM, fixture.port);
  const std::string query = *dns::build_query(9, "example.com", dns::type::a);
  ::send(udp.get(), query.data(), query.size(), 0);
  REQUIRE(run_until_readable(*fixture.server, fixture.upstream.get()));
  read_some(fixture.upstream.get());  // the first question falls under the table
  REQUIRE(run_until_readable(*fixture.server, fixture.upstream.get()));
  const Received received = receive(fixture.upstream.get());
  const auto asked = dns::parse_query(received.text);
  REQUIRE(asked.query);
  CHECK(asked.query->question.name == "example.com");
  const auto answer = dns::build_addresses(*asked.query, {"192.0.2.80"}, 60, 512);
  send_back(fixture.upstream.get(), received, answer);
  REQUIRE(run_until_readable(*fixture.server, udp.get()));
  const auto got = dns::parse_message(read_some(udp.get()));
  REQUIRE(got);
  CHECK(got->header.id == 9);
  CHECK(got->answers.size() == 1);
  CHECK_FALSE(fixture.server->next_deadline());
}

TEST_CASE("Each question comes from a port of its own, where nobody but the asked server is heard") {
  Fixture fixture;
  const unique_fd udp = connected(SOCK_DGRAM, fixture.port);
  const auto question = [&](const std::string& name) {
    const std::string query = *dns::build_query(9, name, dns::type::a);
    ::send(udp.get(), query.data(), query.size(), 0);
    REQUIRE(run_until_readable(*fixture.server, fixture.upstream.get()));
    const Received received = receive(fixture.upstream.get());
    return received;
  };
  const Received first = question("example.com");
  std::set<int> ports{ntohs(first.from.sin_port)};
  for (int i = 0; i < 20; ++i) ports.insert(ntohs(question("example" + std::to_string(i) + ".org").from.sin_port));
  CHECK(ports.size() == 21);

  const auto answer = dns::build_addresses(*dns::parse_query(first.text).query, {"192.0.2.66"}, 60, 512);
  const unique_fd forger(::socket(AF_INET, SOCK_DGRAM, 0));
  send_back(forger.get(), first, answer);
  CHECK_FALSE(run_until_readable(*fixture.server, udp.get(), 100ms));
  send_back(fixture.upstream.get(), first, answer);
  CHECK(run_until_readable(*fixture.server, udp.get()));
}

TEST_CASE("A server that answers in small letters only is asked over TCP, whatever the pieces of its answer") {
  Fixture fixture;
  const unique_fd listener(::socket(AF_INET, SOCK_STREAM, 0));
  const sockaddr_in place = loopback(port_of(fixture.upstream.get()));
  REQUIRE(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0);
  REQUIRE(::listen(listener.get(), 4) == 0);
  const unique_fd udp = connected(SOCK_DGRAM, fixture.port);
  const std::string query = *dns::build_query(9, "a-long-name-of-many-letters.example.com", dns::type::a);
  ::send(udp.get(), query.data(), query.size(), 0);
  REQUIRE(run_until_readable(*fixture.server, fixture.upstream.get()));
  const Received received = receive(fixture.upstream.get());
  std::string small = received.text;
  for (std::size_t i = 12; i < small.size(); ++i) small[i] = static_cast<char>(std::tolower(small[i]));
  small[2] = static_cast<char>(0x81);
  send_back(fixture.upstream.get(), received, small);
  REQUIRE(run_until_readable(*fixture.server, listener.get()));
  const unique_fd stream(::accept(listener.get(), nullptr, nullptr));
  std::string asked;
  while (asked.size() < 2 || asked.size() < 2 + static_cast<std::size_t>(asked[1])) {
    REQUIRE(run_until_readable(*fixture.server, stream.get()));
    asked += read_some(stream.get());
  }
  const std::string whole = framed(
      dns::build_addresses(*dns::parse_query(asked.substr(2)).query, {"192.0.2.80"}, 60, dns::max_message_bytes));
  for (const char byte : whole) {
    ::send(stream.get(), &byte, 1, 0);
    fixture.server->on_readable();
  }
  REQUIRE(run_until_readable(*fixture.server, udp.get()));
  const auto got = dns::parse_message(read_some(udp.get()));
  REQUIRE(got);
  CHECK(got->header.id == 9);
  CHECK(got->answers.size() == 1);
}

TEST_CASE("A server where nobody listens fails at once, not after the time-out") {
  Fixture fixture;
  fixture.upstream.reset();
  const unique_fd udp = connected(SOCK_DGRAM, fixture.port);
  const auto before = Clock::now();
  CHECK(fixture.ask(udp.get(), *dns::build_query(9, "example.com", dns::type::a)).header.rcode == 2);
  CHECK(Clock::now() - before < 1s);
}

TEST_CASE("Without upstream servers other names fail, ours do not") {
  Fixture fixture(false);
  const unique_fd udp = connected(SOCK_DGRAM, fixture.port);
  CHECK(fixture.ask(udp.get(), *dns::build_query(1, "example.com", dns::type::a)).header.rcode == 2);
  CHECK(fixture.ask(udp.get(), *dns::build_query(2, "web.default.svc.cluster.local", dns::type::a)).header.rcode == 0);
}

TEST_CASE("Garbage is refused or passed over, and the server goes on") {
  Fixture fixture;
  const unique_fd udp = connected(SOCK_DGRAM, fixture.port);
  for (const std::string& garbage : {std::string(), std::string(3, 'x'), std::string(4000, '\xff')}) {
    ::send(udp.get(), garbage.data(), garbage.size(), 0);
  }
  CHECK(fixture.ask(udp.get(), std::string(4000, '\0')).header.rcode == 1);
  CHECK(fixture.ask(udp.get(), std::string("\0\1\0\0\0\1\0\0\0\0\0\0\xc0\x0c", 14)).header.rcode == 1);
  CHECK(fixture.ask(udp.get(), *dns::build_query(2, "web.default.svc.cluster.local", dns::type::a)).header.id == 2);
}

TEST_CASE("More connections than we keep are hung up on, idle ones in time, and then there is room again") {
  Fixture fixture;
  std::vector<unique_fd> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(connected(SOCK_STREAM, fixture.port));
    fixture.server->on_readable();
  }
  REQUIRE(run_until_readable(*fixture.server, clients.back().get()));
  CHECK(read_some(clients.back().get()).empty());  // end of file
  REQUIRE(fixture.server->next_deadline());
  fixture.server->on_time(Clock::now() + 11s);
  CHECK_FALSE(fixture.server->next_deadline());
  const unique_fd again = connected(SOCK_STREAM, fixture.port);
  const std::string query = framed(*dns::build_query(3, "web.default.svc.cluster.local", dns::type::a));
  ::send(again.get(), query.data(), query.size(), 0);
  REQUIRE(run_until_readable(*fixture.server, again.get()));
  CHECK(read_some(again.get()).size() > 2);
}
