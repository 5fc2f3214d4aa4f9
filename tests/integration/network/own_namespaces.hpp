// The whole test runs in a network and a mount namespace of its own ("the host" below), so that the machine's bridges,
// firewall and mounts are never touched; pods and "the outside" are further network namespaces.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/os/unique_fd.hpp"
#include "pods/network/inside_namespace.hpp"
#include "pods/plan/plan.hpp"

namespace tandem::test {

// A network namespace that lives as long as this object.
class OwnNetwork {
 public:
  OwnNetwork();
  std::string path() const;  // other processes can open it too
  network::InsideNamespace enter() const { return network::InsideNamespace(path()); }

 private:
  unique_fd namespace_;
};

inline const std::string table = "tandem_test";
inline const std::string bridge = "tandem-test";
inline const std::string gateway = "10.83.0.1";

// A planned pod with the address 10.83.0.NUMBER, and a namespace for it.
struct FakePod {
  explicit FakePod(int number);
  plan::Plan plan;
  OwnNetwork net;
};

// Takes away bridge and table, so that each test begins with an empty host.
struct CleanHost {
  CleanHost();
  ~CleanHost();
};

std::string run(const std::vector<std::string>& argv);  // its output; fails the test when it fails
std::vector<std::string> interfaces();                  // of the caller's namespace, without lo

// TCP, in the network namespace of the caller.
unique_fd listen_on(const std::string& address, int port);
// Connects from here to address:port; what the listener saw, or nullopt when the connection did not come about.
std::optional<std::string> connect_and_accept(const std::string& address, int port, const unique_fd& listener);
bool can_connect(const std::string& address, int port,
                 std::chrono::milliseconds limit = std::chrono::milliseconds(500));

// UDP, likewise.
unique_fd datagram_socket(const std::string& address, int port);
void send_datagram(const std::string& address, int port, const std::string& text);
std::string receive_datagram(const unique_fd& socket);  // empty: none came within two seconds

}  // namespace tandem::test
