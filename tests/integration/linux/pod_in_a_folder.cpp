#include "tests/integration/linux/pod_in_a_folder.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "core/os/pipe.hpp"
#include "pods/linux/capabilities.hpp"
#include "pods/linux/own_program.hpp"
#include "tests/support/skip.hpp"

namespace tandem::test {
namespace {

state::Roots roots_in(const fs::path& folder) { return {folder / "run", folder / "lib", "test", ""}; }

constexpr const char* busybox = "/bin/busybox";

void make_image(const fs::path& image) {
  for (const char* name : {"bin", "etc", "tmp", "var/lib/data"}) make_directories(image / name);
  fs::copy_file(busybox, image / "bin/busybox");
  for (const char* tool : {"sh",    "cat",      "ls",    "id",    "hostname", "grep",   "sleep", "dd",     "echo",
                           "touch", "readlink", "stat",  "mkdir", "mount",    "umount", "ps",    "pwd",    "tty",
                           "mknod", "wc",       "chmod", "kill",  "env",      "true",   "test",  "unshare"}) {
    fs::create_symlink("busybox", image / "bin" / tool);
  }
  write_file(image / "etc/passwd", "root:x:0:0::/:/bin/sh\n");
}

std::string drain(int fd) {
  std::string text;
  char buffer[4096];
  pollfd ready{fd, POLLIN, 0};
  while (::poll(&ready, 1, 0) > 0) {
    const ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count <= 0) break;
    text.append(buffer, static_cast<std::size_t>(count));
  }
  return text;
}

}  // namespace

std::string reason_to_skip() {
  if (!is_root()) return "needs root: namespaces, mounts and cgroups";
  if (!fs::exists(busybox)) return "needs " + std::string(busybox) + " (Debian: busybox-static)";
  if (linux_::cgroup_directories(linux_::find_cgroup_mounts(), "").empty()) return "no cgroup hierarchy is mounted";
  linux_::run_read_only();
  return "";
}

plan::Volume volume(const std::string& name, plan::VolumeKind kind) {
  plan::Volume made;
  made.name = name;
  made.kind = kind;
  return made;
}

PodInAFolder::PodInAFolder() : paths(roots_in(folder_.path()), "0123456789ab"), cgroups(linux_::find_cgroup_mounts()) {
  ::chmod(folder_.path().c_str(), 0755);
  make_image(image());
  plan.id = "0123456789ab";
  plan.name = "web";
  plan.name_space = "default";
  plan.hostname = "web-host";
  plan.network.mode = plan::NetworkMode::none;
  plan.cgroup_parent = "tandem-test-" + std::to_string(::getpid());
  make_directories(paths.run, 0700);
  make_directories(paths.lib);
  linux_::create_pod_cgroups(cgroups, plan);
  linux_::create_namespaces(plan, paths);
  linux_::create_shared_memory(plan, paths);
  linux_::write_pod_files(plan, paths);
}

PodInAFolder::~PodInAFolder() {
  linux_::remove_pod_cgroups(cgroups, linux_::pod_cgroup(plan));
  linux_::remove_cgroup(cgroups, plan.cgroup_parent);
  for (const plan::Volume& volume : plan.volumes) linux_::remove_volume(paths, volume.name);
  linux_::remove_pod_files(paths);
  linux_::remove_shared_memory(paths);
  linux_::remove_namespaces(paths);
}

plan::Container PodInAFolder::shell(const std::string& script) const {
  plan::Container container;
  container.name = "main";
  container.layers = {image()};
  container.argv = {"sh", "-c", script};
  container.environment = {{"PATH", "/usr/bin:/bin"}, {"HOME", "/"}};
  container.security.capabilities = linux_::default_capabilities();
  container.security.masked_paths = {"/proc/kcore", "/proc/keys", "/proc/absent", "/sys/firmware"};
  container.security.read_only_paths = {"/proc/sys", "/proc/sysrq-trigger", "/proc/absent"};
  return container;
}

void PodInAFolder::make_fifos(const std::string& container) const {
  const fs::path fifos = paths.container_run(container);
  make_directories(fifos, 0700);
  for (const char* name : {"stdout", "stderr"}) {
    if (!fs::exists(fifos / name))
      check([&] { return ::mkfifo((fifos / name).c_str(), 0600); }, "make FIFO", fifos / name);
  }
}

linux_::Started PodInAFolder::start(const plan::Container& container) {
  make_fifos(container.name);
  return linux_::begin_container(plan, container, paths, [](const ProcessId&) {}).wait_for_exec();
}

ExitStatus PodInAFolder::wait(const linux_::Started& started) {
  pollfd ready{started.pidfd.get(), POLLIN, 0};
  if (::poll(&ready, 1, 60'000) != 1) throw Error(Fault::environment, "wait for container", "", "it does not end");
  return *reap(started.pidfd.get());
}

Outcome PodInAFolder::run(const plan::Container& container) {
  make_fifos(container.name);
  const fs::path fifos = paths.container_run(container.name);
  // Held open, because a FIFO that nobody has open forgets what was written.
  const unique_fd out = open_file(fifos / "stdout", O_RDWR), errors = open_file(fifos / "stderr", O_RDWR);
  const linux_::Started started = start(container);
  Outcome outcome;
  outcome.status = wait(started);
  outcome.output = drain(out.get());
  outcome.output += drain(errors.get());
  return outcome;
}

Outcome PodInAFolder::execute(const plan::Container& container, const ProcessId& init, std::vector<std::string> argv) {
  Pipe out = make_pipe();
  linux_::Execution execution;
  execution.argv = std::move(argv);
  execution.extra_environment = {{"EXTRA", "yes"}};
  execution.stdout_fd = execution.stderr_fd = out.write_end.get();
  const linux_::Started started = linux_::execute_in_container(plan, container, paths, init, execution);
  out.write_end.reset();
  Outcome outcome;
  outcome.output = read_to_end(out.read_end.get());
  outcome.status = wait(started);
  return outcome;
}

plan::Mount PodInAFolder::add_volume(plan::Volume volume, const std::string& target, const std::string& sub_path) {
  linux_::create_volume(plan, volume, paths);
  plan::Mount mount;
  mount.source = volume.name;
  mount.target = target;
  mount.sub_path = sub_path;
  plan.volumes.push_back(std::move(volume));
  return mount;
}

}  // namespace tandem::test
