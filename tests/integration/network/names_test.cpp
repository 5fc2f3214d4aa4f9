// The pod's names, asked by glibc's own resolver.
#include <poll.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "pods/network/inside_namespace.hpp"
#include "pods/network/name_server.hpp"
#include "pods/network/network.hpp"
#include "tests/integration/network/own_namespaces.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::network;
using namespace tandem::test;

namespace {

// Starts `argv` in the pod's network, with `resolv_conf` in place of the host's; its output goes to `output`.
pid_t start_inside(const FakePod& pod, const std::string& resolv_conf, const fs::path& output,
                   const std::vector<std::string>& argv) {
  const auto inside = pod.net.enter();
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child != 0) return child;
  if (::unshare(CLONE_NEWNS) != 0 || ::mount(resolv_conf.c_str(), "/etc/resolv.conf", nullptr, MS_BIND, nullptr) != 0) {
    ::_exit(120);
  }
  const unique_fd out = open_file(output, O_WRONLY | O_CREAT | O_TRUNC);
  ::dup2(out.get(), 1);
  std::vector<char*> arguments;
  for (const auto& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::_exit(121);
}

// Turns both servers' loops until the child has ended; its exit code, or -1 after 20 s.
int serve_until_end(pid_t child, NameServer& pod_server, NameServer& upstream) {
  const auto end = Clock::now() + std::chrono::seconds(20);
  while (Clock::now() < end) {
    pollfd waits[] = {{pod_server.fd(), POLLIN, 0}, {upstream.fd(), POLLIN, 0}};
    ::poll(waits, 2, 10);
    if (waits[0].revents) pod_server.on_readable();
    if (waits[1].revents) upstream.on_readable();
    if (pod_server.next_deadline() && *pod_server.next_deadline() <= Clock::now()) pod_server.on_time();
    int status = 0;
    if (::waitpid(child, &status, WNOHANG) == child) return WIFEXITED(status) ? WEXITSTATUS(status) : 200;
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  return -1;
}

}  // namespace

TEST_CASE("getent in a pod finds Services by short and full name, and the world through the host's name server") {
  const CleanHost host;
  const test::TemporaryDirectory folder;
  const FakePod pod(2);
  create_pod_network(pod.plan, table, pod.net.path());

  // The host's own name server is on its loopback, where a pod does not get: its sockets are opened there.
  NameServer upstream(listen_for_names("127.0.0.53", 53), {}, {{"www.example.test", {"192.0.2.80"}}});
  const unique_fd outside = open_file("/proc/thread-self/ns/net", O_RDONLY);
  const Upstream way{{"127.0.0.53"}, [&](const std::string& address, int type) {
                       const InsideNamespace visit(outside.get());
                       return connect_upstream(address, type);
                     }};
  std::vector<std::string> many;
  for (int i = 1; i <= 100; ++i) many.push_back("10.83.1." + std::to_string(i));
  const Names names{{"redis-cluster.default.svc.cluster.local", {"10.83.0.5", "10.83.0.6"}},
                    {"many.default.svc.cluster.local", many}};
  std::optional<NameServer> server;
  {
    const auto inside = pod.net.enter();
    server.emplace(listen_for_names(name_server_address, name_server_port), way, names);
  }
  const std::string resolv_conf = (folder / "resolv.conf").string();
  write_file(resolv_conf,
             "nameserver 169.254.20.10\nsearch default.svc.cluster.local svc.cluster.local cluster.local\n"
             "options ndots:5\n");
  const fs::path output = folder / "output";
  const auto getent = [&](const std::string& name) {
    const pid_t child = start_inside(pod, resolv_conf, output, {"getent", "ahostsv4", name});
    const int code = serve_until_end(child, *server, upstream);
    return code == 0 ? read_file(output) : "exit code " + std::to_string(code);
  };
  using Catch::Contains;
  CHECK_THAT(getent("redis-cluster"), Contains("10.83.0.5") && Contains("10.83.0.6"));
  CHECK_THAT(getent("redis-cluster.default"), Contains("10.83.0.5"));
  CHECK_THAT(getent("redis-cluster.default.svc.cluster.local"), Contains("10.83.0.5"));
  CHECK_THAT(getent("www.example.test"), Contains("192.0.2.80"));
  CHECK(getent("nobody") == "exit code 2");
  // 100 addresses are too long for a plain datagram: glibc asks again over TCP and gets them all.
  CHECK_THAT(getent("many"), Contains("10.83.1.1 ") && Contains("10.83.1.100 "));
}
