#include "pods/client/host_facts.hpp"

#include <arpa/inet.h>
#include <linux/capability.h>
#include <sys/random.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "core/os/unique_fd.hpp"
#include "pods/manifest/names.hpp"
#include "pods/network/network.hpp"
#include "pods/state/objects.hpp"
#include "pods/state/time.hpp"
#include "pods/supervise/client.hpp"

namespace tandem::client {

namespace {

template <class Object>
const Object* find_applied(const std::vector<Object>& objects, const std::string& name_space, const std::string& name) {
  for (const auto& object : objects)
    if (object.metadata.name == name && object.metadata.name_space == name_space) return &object;
  return nullptr;
}

std::optional<manifest::ConfigMap> only(manifest::Objects& objects, const manifest::ConfigMap*) {
  return objects.config_maps.size() == 1 ? std::optional(std::move(objects.config_maps[0])) : std::nullopt;
}

std::optional<manifest::Secret> only(manifest::Objects& objects, const manifest::Secret*) {
  return objects.secrets.size() == 1 ? std::optional(std::move(objects.secrets[0])) : std::nullopt;
}

// The address by which the host reaches the outside, from the kernel's routes; nothing is sent.
std::string address_of_host() {
  const unique_fd socket(check([] { return ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); }, "make socket"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(53);
  ::inet_pton(AF_INET, "192.0.2.1", &address.sin_addr);  // TEST-NET-1: any address beyond this machine
  socklen_t size = sizeof address;
  if (attempt([&] { return ::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), size); }) < 0 ||
      attempt([&] { return ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size); }) < 0)
    return "127.0.0.1";  // no way out of this machine
  std::array<char, INET_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
  return text.data();
}

// Only CAP_SYS_RESOURCE lowers a score, and some virtual machines give it to nobody. Then keeper and supervisor have
// ours.
int lowest_oom_score_adj() {
  std::istringstream lines(read_file("/proc/self/status"));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("CapBnd:")) continue;
    const bool lowers = std::strtoull(line.c_str() + 7, nullptr, 16) >> CAP_SYS_RESOURCE & 1;
    if (lowers) return supervise::guardians_oom_score_adj + 1;
  }
  return std::min(std::atoi(read_file("/proc/self/oom_score_adj").c_str()) + 1, 1000);
}

std::optional<std::int64_t> pids_limit_of_host(const std::string& text) {
  const auto limit = plan::parse_pids_limit(text);
  if (!limit)
    throw Error(Fault::user, "use TANDEM_PIDS_LIMIT", "\"" + text + "\"", "it is no number of processes",
                "write a number like 4096, or \"max\" for no limit");
  return *limit;
}

}  // namespace

HostFacts::HostFacts(const state::Roots& roots, const manifest::Objects& applied) : roots_(roots), applied_(applied) {}

template <class Object>
const Object* HostFacts::find_object(const std::vector<Object>& applied,
                                     std::map<std::string, std::unique_ptr<Object>>& known, const char* kind,
                                     const std::string& name_space, const std::string& name) {
  if (const Object* object = find_applied(applied, name_space, name)) return object;
  // Pods with problems are planned, too: what is no name is no path either.
  if (!manifest::why_no_dns_label(name_space).empty() || !manifest::why_no_dns_subdomain(name).empty()) return nullptr;
  const std::string key = name_space + "/" + name;
  const auto found = known.find(key);
  if (found != known.end()) return found->second.get();
  auto& object = known[key];
  const auto json = state::read_object(roots_, {kind, name_space, name});
  if (!json) return nullptr;
  Problems problems;
  auto objects = manifest::decode_manifests({{"stored " + std::string(kind) + " " + key, *json}}, {}, problems);
  if (auto decoded = only(objects, static_cast<const Object*>(nullptr)))
    object = std::make_unique<Object>(std::move(*decoded));
  if (problems.has_errors() || !object)
    throw Error(Fault::environment, "read stored", std::string(kind) + " " + key, problems.text(), "apply it again");
  return object.get();
}

// To choose a subnet writes the choice down; who only wants to see a Plan leaves nothing behind, and need not be
// allowed to read what others have chosen.
network::Subnet HostFacts::subnet_for(const std::string& address) const {
  if (address != address_later) return network::find_subnet(roots_);
  try {
    return network::foresee_subnet(roots_);
  } catch (const Error& error) {
    if (error.error_number() == EACCES || error.error_number() == EPERM) return {"GATEWAY", 16};
    throw;
  }
}

plan::Host HostFacts::for_pod(const manifest::Pod& pod, const std::string& uid, const std::string& address) {
  plan::Host host;
  host.uid = uid;
  host.created = state::rfc3339(state::wall_clock());
  host.node_name = host_name();
  host.address = address_of_host();
  host.cpu = Millicores{::sysconf(_SC_NPROCESSORS_ONLN) * 1000};
  struct sysinfo memory {};
  ::sysinfo(&memory);
  host.memory = Bytes{static_cast<std::int64_t>(memory.totalram) * memory.mem_unit};
  const network::ResolvConf resolv_conf = network::read_resolv_conf();
  host.upstream_nameservers = resolv_conf.nameservers;
  host.search_domains = resolv_conf.searches;
  if (!pod.spec.host_network) {
    const network::Subnet subnet = subnet_for(address);
    host.bridge = roots_.bridge();
    host.pod_address = address;
    host.gateway = subnet.address;
    host.prefix_length = subnet.prefix_length;
  }
  host.lowest_oom_score_adj = lowest_oom_score_adj();
  host.cgroup_parent = roots_.cgroup_parent();
  if (const char* limit = std::getenv("TANDEM_PIDS_LIMIT"); limit && *limit)
    host.pids_limit = pids_limit_of_host(limit);
  host.find_image = [this](const std::string& name) {
    auto image = image::find_image(roots_.images(), name);
    if (!image && ::geteuid() != 0) image = image::find_image(image::images_of_root, name);
    return image;
  };
  host.find_user = image::find_user;
  host.objects_unread = applied_.unread;
  host.find_config_map = [this](const std::string& name_space, const std::string& name) {
    return find_object(applied_.config_maps, config_maps_, "ConfigMap", name_space, name);
  };
  host.find_secret = [this](const std::string& name_space, const std::string& name) {
    return find_object(applied_.secrets, secrets_, "Secret", name_space, name);
  };
  return host;
}

std::string new_uid() {
  std::array<unsigned char, 16> bytes;
  check([&] { return ::getrandom(bytes.data(), bytes.size(), 0); }, "get random bytes");
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  static constexpr char digits[] = "0123456789abcdef";
  std::string uid;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) uid += '-';
    uid += digits[bytes[i] >> 4];
    uid += digits[bytes[i] & 15];
  }
  return uid;
}

std::string host_name() {
  utsname name{};
  ::uname(&name);
  return name.nodename;
}

}  // namespace tandem::client
