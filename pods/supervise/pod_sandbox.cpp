#include "pods/supervise/pod_sandbox.hpp"

#include <fcntl.h>
#include <sched.h>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/linux/sandbox.hpp"
#include "pods/network/inside_namespace.hpp"
#include "pods/network/network.hpp"

namespace tandem::supervise {

namespace {

// NAMESPACE/NAME of another pod; the id when it has none any more.
std::string name_of(const state::Roots& roots, const std::string& id) {
  for (const std::string& name_space : list_directory(roots.names())) {
    for (const std::string& name : list_directory(roots.names() / name_space)) {
      std::error_code gone;
      if (fs::read_symlink(roots.names() / name_space / name, gone).filename() == id) return name_space + "/" + name;
    }
  }
  return id;
}

}  // namespace

std::vector<std::string> create_sandbox(const plan::Plan& plan, const state::Roots& roots,
                                        const state::PodPaths& paths) {
  const linux_::CgroupMounts cgroups = linux_::find_cgroup_mounts();
  linux_::create_pod_cgroups(cgroups, plan);
  linux_::create_namespaces(plan, paths);
  std::vector<std::string> warnings =
      network::create_pod_network(plan, roots.firewall_table(), (paths.namespaces() / "net").string());
  network::publish_host_ports(plan, roots.firewall_table(), [&](const std::string& id) { return name_of(roots, id); });
  linux_::create_shared_memory(plan, paths);
  linux_::write_pod_files(plan, paths);
  for (const plan::Volume& volume : plan.volumes) linux_::create_volume(plan, volume, paths);
  return warnings;
}

InsidePod::InsidePod(const plan::Plan& plan, const state::PodPaths& paths, network::Names names)
    : host_network_(open_file("/proc/self/ns/net", O_RDONLY)) {
  const std::string& address = plan.network.name_server;
  const unique_fd pod = open_file(paths.namespaces() / "net", O_RDONLY);
  check([&] { return ::setns(pod.get(), CLONE_NEWNET); }, "enter the pod's network namespace", paths.run.string());
  if (address.empty()) return;
  try {
    const auto open = [host = host_network_.get()](const std::string& server, int type) {
      const network::InsideNamespace outside(host);
      return network::connect_upstream(server, type);
    };
    server_.emplace(network::listen_for_names(address, network::name_server_port),
                    network::Upstream{plan.network.upstream_nameservers, open}, std::move(names));
  } catch (...) {
    ::setns(host_network_.get(), CLONE_NEWNET);
    throw;
  }
}

InsidePod::~InsidePod() {
  server_.reset();
  ::setns(host_network_.get(), CLONE_NEWNET);
}

}  // namespace tandem::supervise
