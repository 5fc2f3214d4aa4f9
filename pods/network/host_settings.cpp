#include "pods/network/host_settings.hpp"

#include <fcntl.h>

#include "core/os/error.hpp"
#include "core/os/files.hpp"

namespace tandem::network {

namespace {

bool is_on(const fs::path& setting) { return read_file(setting, 4096).starts_with("1"); }

void switch_on(const fs::path& setting) { write_all(open_file(setting, O_WRONLY).get(), "1\n", setting.string()); }

}  // namespace

std::optional<std::string> enable_forwarding(const std::string& folder) {
  const fs::path setting = fs::path(folder) / "ip_forward";
  try {
    if (is_on(setting)) return std::nullopt;
    switch_on(setting);
    return "net.ipv4.ip_forward was 0 and is now 1, for pods to reach beyond this machine";
  } catch (const Error& error) {
    return "net.ipv4.ip_forward cannot be switched on, pods reach this machine only: " + error.cause();
  }
}

void enable_loopback_routing(const std::string& bridge, const std::string& folder) {
  const fs::path setting = fs::path(folder) / "conf" / bridge / "route_localnet";
  if (!is_on(setting)) switch_on(setting);
}

void refuse_router_advertisements(const std::string& bridge, const std::string& folder) {
  const fs::path setting = fs::path(folder) / "conf" / bridge / "accept_ra";
  if (fs::exists(setting)) write_all(open_file(setting, O_WRONLY).get(), "0\n", setting.string());
}

}  // namespace tandem::network
