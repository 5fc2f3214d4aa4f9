// A pod of its own for one test: real namespaces and cgroups, files in a temporary directory, busybox as its image.
#pragma once

#include <optional>
#include <string>

#include "core/os/process.hpp"
#include "pods/linux/container.hpp"
#include "pods/linux/sandbox.hpp"
#include "tests/support/servers.hpp"

namespace tandem::test {

struct Outcome {
  ExitStatus status;
  std::string output;  // stdout and stderr, in this order
};

plan::Volume volume(const std::string& name, plan::VolumeKind kind = plan::VolumeKind::empty_dir);

class PodInAFolder {
  TemporaryDirectory folder_;  // first made, last removed

 public:
  PodInAFolder();
  ~PodInAFolder();  // everything is undone; a failure there ends the test program

  plan::Plan plan;
  state::PodPaths paths;
  linux_::CgroupMounts cgroups;

  // A container with the usual restrictions that runs `script` in a shell. Change it before it is started.
  plan::Container shell(const std::string& script) const;
  // The FIFOs for a container's output, unless they are there; start and run call it.
  void make_fifos(const std::string& container) const;
  linux_::Started start(const plan::Container& container);
  // Starts it, waits for its end (at most 20 s), and collects what it wrote.
  Outcome run(const plan::Container& container);
  Outcome run(const std::string& script) { return run(shell(script)); }
  ExitStatus wait(const linux_::Started& started);
  // A command in a running container, to its end.
  Outcome execute(const plan::Container& container, const ProcessId& init, std::vector<std::string> argv);

  // Calls for a volume and gives a mount of it.
  plan::Mount add_volume(plan::Volume volume, const std::string& target, const std::string& sub_path = "");
  fs::path image() const { return folder_ / "image"; }
  fs::path folder(const std::string& name) const { return folder_ / name; }
};

}  // namespace tandem::test
