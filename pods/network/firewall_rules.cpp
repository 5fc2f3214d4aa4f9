#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "core/os/error.hpp"
#include "core/text/words.hpp"
#include "pods/network/firewall.hpp"

namespace tandem::network {

namespace {

const char* const every_address = "0.0.0.0";

std::string address_of(const plan::HostPort& port) { return port.host_ip.empty() ? every_address : port.host_ip; }

bool collide(const PublishedPort& held, const plan::HostPort& wanted) {
  const std::string address = address_of(wanted);
  return held.port == wanted.host_port && held.protocol == lower(wanted.protocol) &&
         (held.address == address || held.address == every_address || address == every_address);
}

std::string hardware_text(std::uint32_t address) {
  std::string text;
  for (const unsigned char byte : hardware_address_of(address))
    text += fmt::format("{}{:02x}", text.empty() ? "" : ":", byte);
  return text;
}

std::optional<int> parse_int(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end != text.data() ? std::optional(value) : std::nullopt;
}

std::optional<PublishedPort> parse_line(const std::string& line) {
  static constexpr std::string_view opening = "comment \"", number = "# handle ";
  const auto comment = line.find(opening), handle = line.rfind(number);
  if (comment == std::string::npos || handle == std::string::npos) return std::nullopt;
  std::istringstream words(line.substr(comment + opening.size()));
  PublishedPort port;
  std::string endpoint;
  if (!(words >> port.pod_id >> port.protocol >> endpoint)) return std::nullopt;
  const auto colon = endpoint.find(':');
  if (colon == std::string::npos) return std::nullopt;
  const auto parsed_port = parse_int(std::string_view(endpoint).substr(colon + 1));
  const auto parsed_handle = parse_int(std::string_view(line).substr(handle + number.size()));
  if (!parsed_port || !parsed_handle) return std::nullopt;
  port.address = endpoint.substr(0, colon);
  port.port = *parsed_port;
  port.handle = *parsed_handle;
  return port;
}

}  // namespace

std::string table_script(const std::string& table, const std::string& bridge, const Prefix& subnet) {
  // loopback_guard: route_localnet lets 127.0.0.1 be forwarded to a pod; nothing may come the other way
  // (CVE-2020-8558). The last rule of to_outside: a pod that reaches a host port is answered through the host, not by
  // its neighbour directly.
  return fmt::format(R"(add table ip {0}
add chain ip {0} host_ports
add chain ip {0} from_outside {{ type nat hook prerouting priority -100; }}
add chain ip {0} from_host {{ type nat hook output priority -100; }}
add chain ip {0} to_outside {{ type nat hook postrouting priority 100; }}
add chain ip {0} loopback_guard {{ type filter hook prerouting priority -300; }}
flush chain ip {0} from_outside
flush chain ip {0} from_host
flush chain ip {0} to_outside
flush chain ip {0} loopback_guard
add rule ip {0} from_outside fib daddr type local jump host_ports
add rule ip {0} from_host fib daddr type local jump host_ports
add rule ip {0} loopback_guard iifname "{1}" ip daddr 127.0.0.0/8 drop
add rule ip {0} to_outside ip saddr {2} oifname != "{1}" masquerade
add rule ip {0} to_outside oifname "{1}" ip saddr 127.0.0.0/8 masquerade
add rule ip {0} to_outside oifname "{1}" ip saddr {2} ct status dnat masquerade
)",
                     table, bridge, to_string(subnet));
}

std::string guard_script(const std::string& table, const std::string& port, std::uint32_t address) {
  return fmt::format(R"(add table bridge {0}
add map bridge {0} ports {{ type ifname : verdict; }}
add chain bridge {0} from_pods {{ type filter hook prerouting priority -300; }}
flush chain bridge {0} from_pods
add rule bridge {0} from_pods iifname vmap @ports
add chain bridge {0} {1}
flush chain bridge {0} {1}
add rule bridge {0} {1} ether saddr {2} ip saddr {3} accept
add rule bridge {0} {1} ether saddr {2} arp saddr ether {2} arp saddr ip {3} accept
add rule bridge {0} {1} drop
add element bridge {0} ports {{ "{1}" : goto {1} }}
)",
                     table, port, hardware_text(address), format_ipv4(address));
}

std::string unguard_script(const std::string& table, const std::string& port) {
  // What is added first is there to be deleted, whether or not it was there before.
  return fmt::format(R"(add chain bridge {0} {1}
add element bridge {0} ports {{ "{1}" : goto {1} }}
delete element bridge {0} ports {{ "{1}" }}
flush chain bridge {0} {1}
delete chain bridge {0} {1}
)",
                     table, port);
}

std::vector<std::string> parse_guarded(const std::string& listing) {
  std::vector<std::string> ports;
  std::istringstream words(listing.substr(std::min(listing.find("elements"), listing.size())));
  for (std::string word; words >> word;)
    if (word.size() > 2 && word.front() == '"' && word.back() == '"') ports.push_back(word.substr(1, word.size() - 2));
  return ports;
}

std::vector<PublishedPort> parse_published(const std::string& listing) {
  std::vector<PublishedPort> ports;
  std::istringstream lines(listing);
  for (std::string line; std::getline(lines, line);) {
    if (auto port = parse_line(line)) ports.push_back(*port);
  }
  return ports;
}

std::string publish_script(const std::string& table, const std::vector<PublishedPort>& present,
                           const std::string& pod_id, const std::string& pod_address,
                           const std::vector<plan::HostPort>& wanted) {
  std::string script;
  for (const PublishedPort& held : present) {
    if (held.pod_id == pod_id) script += fmt::format("delete rule ip {} host_ports handle {}\n", table, held.handle);
  }
  for (const plan::HostPort& port : wanted) {
    for (const PublishedPort& held : present) {
      if (held.pod_id == pod_id || !collide(held, port)) continue;
      throw Error(Fault::environment, "publish hostPort", fmt::format("{}/{}", port.host_port, port.protocol),
                  "pod " + held.pod_id + " has it", "delete that pod, or choose another hostPort");
    }
    const std::string protocol = lower(port.protocol), address = address_of(port);
    const std::string where = address == every_address ? "" : "ip daddr " + address + " ";
    script += fmt::format("add rule ip {0} host_ports {1}{2} dport {3} dnat to {4}:{5} comment \"{6} {2} {7}:{3}\"\n",
                          table, where, protocol, port.host_port, pod_address, port.container_port, pod_id, address);
  }
  return script;
}

}  // namespace tandem::network
