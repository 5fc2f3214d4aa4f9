#include "pods/network/leases.hpp"

#include <algorithm>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "core/os/temporaries.hpp"
#include "pods/network/network.hpp"
#include "pods/network/subnet_choice.hpp"

namespace tandem::network {

std::string pod_id_of(const std::string& uid) {
  std::string id;
  std::copy_if(uid.begin(), uid.end(), std::back_inserter(id), [](char c) { return c != '-'; });
  return id.substr(0, 12);
}

Leases::Leases(const state::Roots& roots)
    : folder_(roots.network()), addresses_(folder_ / "addresses"), pods_(roots.pods()) {
  make_directories(addresses_, 0700);
  lock_ = lock_soon(folder_ / "lock");
  for (const auto& written : {folder_, addresses_}) remove_temporaries(written);
}

bool Leases::is_stale(const Lease& lease, std::chrono::minutes grace) const {
  if (fs::exists(pods_ / pod_id_of(lease.uid))) return false;
  std::error_code failed;
  const auto given = fs::last_write_time(file_of(lease.address), failed);
  return !failed && fs::file_time_type::clock::now() - given > grace;
}

std::vector<Lease> Leases::all(std::chrono::minutes grace) const {
  std::vector<Lease> found;
  for (const std::string& name : list_directory(addresses_)) {
    const auto address = parse_ipv4(name);
    const auto uid = read_file_if_exists(addresses_ / name, 4096);
    if (!address || !uid) continue;  // a temporary file of a writer that was killed
    const Lease lease{*address, uid->substr(0, uid->find('\n'))};
    if (is_stale(lease, grace)) {
      remove(lease.address);
    } else {
      found.push_back(lease);
    }
  }
  return found;
}

void Leases::add(const Lease& lease) const {
  replace_file(file_of(lease.address), lease.uid + "\n", 0600);
  replace_file(folder_ / "last", format_ipv4(lease.address) + "\n", 0600);
}

void Leases::remove(std::uint32_t address) const { remove_tree(file_of(address)); }

std::uint32_t Leases::last() const {
  const auto text = read_file_if_exists(folder_ / "last", 4096);
  return text ? parse_ipv4(text->substr(0, text->find('\n'))).value_or(0) : 0;
}

std::optional<Prefix> Leases::subnet() const {
  const auto text = read_file_if_exists(folder_ / "subnet", 4096);
  return text ? parse_prefix(text->substr(0, text->find('\n'))) : std::nullopt;
}

bool Leases::has_subnet() const { return fs::exists(folder_ / "subnet"); }

void Leases::keep_subnet(const Prefix& subnet) const {
  replace_file(folder_ / "subnet", to_string(subnet) + "\n", 0600);
}

void Leases::forget_subnet() const { remove_tree(folder_ / "subnet"); }

std::string allocate_address(const state::Roots& roots, const Subnet& subnet, const std::string& uid) {
  const Prefix prefix = to_prefix(subnet);
  const Leases leases(roots);
  std::vector<std::uint32_t> taken;
  for (const Lease& lease : leases.all()) {
    if (lease.uid == uid && prefix.contains(lease.address)) return format_ipv4(lease.address);
    if (lease.uid == uid) leases.remove(lease.address);
    taken.push_back(lease.address);
  }
  const auto address = next_address(prefix, taken, leases.last());
  if (!address) {
    throw Error(Fault::environment, "allocate an address in", to_string(prefix),
                "all " + std::to_string(taken.size()) + " are taken",
                "delete pods, or configure a larger network.subnet");
  }
  leases.add({*address, uid});
  return format_ipv4(*address);
}

void release_address(const state::Roots& roots, const std::string& uid) {
  if (!fs::exists(roots.network())) return;
  const Leases leases(roots);
  for (const Lease& lease : leases.all()) {
    if (lease.uid == uid || pod_id_of(lease.uid) == uid) leases.remove(lease.address);
  }
}

}  // namespace tandem::network
