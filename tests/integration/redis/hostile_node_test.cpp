// Nodes that mean harm, or are none.
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <thread>

#include "core/os/check.hpp"
#include "tests/support/redis/ambassador.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

// Answers each request, its words with blanks between, by a function. One connection at a time.
class FakeNode {
 public:
  using Answer = std::function<std::string(const std::string& words)>;
  explicit FakeNode(Answer answer)
      : answer_(std::move(answer)),
        port_(free_port()),
        listener_(check([] { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }, "open a socket")) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check([&] { return ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address); }, "bind");
    check([&] { return ::listen(listener_.get(), 16); }, "listen");
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeNode() {
    stop_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);  // wakes accept
    ::shutdown(peer_, SHUT_RDWR);
    thread_.join();
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  void serve() {
    while (!stop_) {
      const unique_fd peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!peer) continue;
      peer_ = peer.get();
      std::string unread;
      char bytes[4096];
      for (ssize_t n = 1; n > 0 && !stop_;) {
        n = ::recv(peer.get(), bytes, sizeof bytes, 0);
        if (n > 0) unread.append(bytes, static_cast<std::size_t>(n));
        for (std::string words = take_request(unread); !words.empty(); words = take_request(unread)) {
          const std::string reply = answer_(words);
          for (std::size_t at = 0; at < reply.size() && n > 0;) {
            n = ::send(peer.get(), reply.data() + at, reply.size() - at, MSG_NOSIGNAL);
            if (n > 0) at += static_cast<std::size_t>(n);
          }
        }
      }
      peer_ = -1;
    }
  }

  static std::string take_request(std::string& unread) {
    std::size_t at = 0;
    const auto number = [&](char type) {
      const std::size_t end = unread.find("\r\n", at);
      if (end == unread.npos || unread[at] != type) return -1;
      const int value = std::stoi(unread.substr(at + 1, end - at - 1));
      at = end + 2;
      return value;
    };
    std::string words;
    for (int left = number('*'); left > 0; --left) {
      const int size = number('$');
      if (size < 0 || unread.size() < at + static_cast<std::size_t>(size) + 2) return "";
      words += (words.empty() ? "" : " ") + unread.substr(at, static_cast<std::size_t>(size));
      at += static_cast<std::size_t>(size) + 2;
    }
    if (!words.empty()) unread.erase(0, at);
    return words;
  }

  Answer answer_;
  int port_;
  unique_fd listener_;
  std::atomic<bool> stop_{false};
  std::atomic<int> peer_{-1};
  std::thread thread_;
};

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// What a member says of a cluster that is well, and `slots` to CLUSTER SLOTS.
FakeNode::Answer telling(std::string slots) {
  return [slots = std::move(slots)](const std::string& words) -> std::string {
    if (words == "CLUSTER INFO") return "$16\r\ncluster_state:ok\r\n";
    if (words == "CLUSTER SLOTS") return slots;
    return "-ERR no\r\n";
  };
}

std::string masters_of_one_slot_each() {
  std::string bytes = "*16384\r\n";
  for (int slot = 0; slot < 16384; ++slot) {
    const std::string number = std::to_string(slot), port = std::to_string(10'000 + slot);
    bytes += "*3\r\n:" + number + "\r\n:" + number + "\r\n*2\r\n$9\r\n127.0.0.1\r\n:" + port + "\r\n";
  }
  return bytes;
}

}  // namespace

TEST_CASE("A node that repeats the password it was sent spreads it no further") {
  const FakeNode node([](const std::string& words) {
    return words.starts_with("AUTH ") ? "-WRONGPASS you sent " + words + " and sesame!\r\n" : "+OK\r\n";
  });
  Ambassador ambassador("server: {address: \"" + node.address() + "\", auth: {password: sesame}}",
                        "timeouts: {request: 300ms}");
  RawClient client = ambassador.connect();
  const std::string reply = client.ask({"GET", "a"});
  CHECK(contains(reply, "refused AUTH: WRONGPASS you sent AUTH *** and ***!"));
  CHECK_FALSE(contains(reply, "sesame"));
  REQUIRE(ambassador.wait_ready(false));
  CHECK(contains(ambassador.readyz(), "you sent AUTH *** and ***!"));
  CHECK(contains(ambassador.log(), "you sent AUTH *** and ***!"));
  CHECK_FALSE(contains(ambassador.log(), "sesame"));
}

TEST_CASE("So does one that repeats it when it is asked about the cluster") {
  const FakeNode node([](const std::string& words) {
    return words.starts_with("AUTH ") ? std::string("+OK\r\n") : std::string("-ERR sesame? sesame!\r\n");
  });
  Ambassador ambassador("cluster: {seeds: [\"" + node.address() + "\"], auth: {password: sesame}}");
  REQUIRE(wait_until([&] { return contains(ambassador.readyz(), "says: ERR ***? ***!"); }));
  CHECK(wait_until([&] { return contains(ambassador.log(), "says: ERR ***? ***!"); }));
  CHECK_FALSE(contains(ambassador.log(), "sesame"));
}

TEST_CASE("An answer about the slots that never ends is not kept, and the log says whose it is") {
  const FakeNode node(telling("$536870912\r\n" + std::string(20'000'000, 'x')));
  Ambassador ambassador(Ambassador::cluster({node.address()}));
  const std::string reason = node.address() + " sent more than 4 MiB about the cluster";
  REQUIRE(wait_until([&] { return contains(ambassador.readyz(), reason); }));
  CHECK(wait_until([&] { return contains(ambassador.log(), reason); }));
}

TEST_CASE("A cluster of 16,384 masters is none, and the log says who tells of it") {
  const FakeNode node(telling(masters_of_one_slot_each()));
  Ambassador ambassador(Ambassador::cluster({node.address()}));
  const std::string reason = node.address() + " sent an odd reply to CLUSTER SLOTS";
  REQUIRE(wait_until([&] { return contains(ambassador.readyz(), reason); }));
  CHECK(wait_until([&] { return contains(ambassador.log(), reason); }));
  CHECK(ambassador.metric("tandem_redis_masters") == 0);
}
