// Addresses given to pods, on disk: Roots::network()/addresses/IP holds the pod's uid; beside it `lock`, `subnet` (the
// bridge's, as long as it is in use) and `last` (the address given last).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/os/unique_fd.hpp"
#include "pods/network/ipv4.hpp"
#include "pods/state/layout.hpp"

namespace tandem::network {

struct Lease {
  std::uint32_t address = 0;
  std::string uid;
};

std::string pod_id_of(const std::string& uid);  // the first 12 hex digits

// Holds the lock of Roots::network() as long as it lives; so several programs at once see and change whole states.
class Leases {
 public:
  explicit Leases(const state::Roots& roots);

  // Leases in force. Those of pods that have no directory and were given more than `grace` ago are removed on the way:
  // their creator died between taking the address and writing the pod's first record.
  std::vector<Lease> all(std::chrono::minutes grace = std::chrono::minutes(10)) const;
  void add(const Lease& lease) const;
  void remove(std::uint32_t address) const;

  std::uint32_t last() const;  // 0: none yet
  std::optional<Prefix> subnet() const;
  bool has_subnet() const;  // also one that cannot be read
  void keep_subnet(const Prefix& subnet) const;
  void forget_subnet() const;

 private:
  bool is_stale(const Lease& lease, std::chrono::minutes grace) const;
  state::fs::path file_of(std::uint32_t address) const { return addresses_ / format_ipv4(address); }

  state::fs::path folder_, addresses_, pods_;
  unique_fd lock_;
};

}  // namespace tandem::network
