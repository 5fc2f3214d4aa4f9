#include <catch2/catch.hpp>

#include "pods/network/dns_stream.hpp"

using tandem::network::dns::Framing;

TEST_CASE("Messages on a stream are found whatever the pieces they come in") {
  Framing framing;
  const std::string bytes = std::string("\0\3abc", 5) + std::string("\0\1z", 3);
  std::vector<std::string> found;
  for (const char c : bytes) {
    framing.received({&c, 1});
    while (auto message = framing.next_message()) found.push_back(*message);
  }
  CHECK(found == std::vector<std::string>{"abc", "z"});
  framing.received(bytes);
  CHECK(framing.next_message() == "abc");
  CHECK(framing.next_message() == "z");
  CHECK_FALSE(framing.next_message());
}

TEST_CASE("A client that announces more than a query can be is hung up on") {
  Framing framing;
  framing.received("\x10");
  CHECK_FALSE(framing.too_long());
  framing.received("\x01");
  CHECK(framing.too_long());
  CHECK_FALSE(framing.next_message());
}

TEST_CASE("Answers are queued with their length, and a client that does not read them is too slow") {
  Framing framing;
  framing.queue("abc");
  CHECK(framing.unsent() == std::string("\0\3abc", 5));
  framing.sent(2);
  CHECK(framing.unsent() == "abc");
  for (int i = 0; i < 3; ++i) framing.queue(std::string(65535, 'x'));
  CHECK(framing.too_slow());
}
