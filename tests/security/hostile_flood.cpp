#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

#include "tests/security/hostile_calls.hpp"

namespace hostile {

int flood_names() {
  std::ifstream file("/etc/resolv.conf");
  std::string word, address;
  while (file >> word)
    if (word == "nameserver" && address.empty()) file >> address;
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(53);
  const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
  if (::inet_pton(AF_INET, address.c_str(), &server.sin_addr) != 1 ||
      ::connect(socket, reinterpret_cast<sockaddr*>(&server), sizeof server) != 0) {
    say("there is no name server");
    return 1;
  }
  // "nobody", type A, RFC 1035.
  const std::string query("\0\1\1\0\0\1\0\0\0\0\0\0\6nobody\0\0\1\0\1", 24);
  say("flooding");
  for (;;) ::send(socket, query.data(), query.size(), 0);
}

}  // namespace hostile
