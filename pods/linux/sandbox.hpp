// What all containers of a pod share: namespaces, /dev/shm, the pod's own /etc files, volumes, cgroups. Each step is
// one function with one undo beside it; both are idempotent: done twice, or half done and done again, the result is the
// same. An undo needs no Plan, so that a record on disk with the pod's id and a name is enough. Errors: tandem::Error.
#pragma once

#include <filesystem>
#include <string>

#include "pods/linux/cgroup.hpp"
#include "pods/plan/plan.hpp"
#include "pods/state/layout.hpp"

namespace tandem::linux_ {

namespace fs = std::filesystem;

// The order of creation; undo runs it backwards:
//   create_pod_cgroups, create_namespaces, (pods/network), create_shared_memory, write_pod_files, create_volume...,
//   then begin_container (container.hpp) with a remove_container_root each.

// PARENT/ID/supervisor and PARENT/ID/pod (with the sum of the containers' resources, as kubelet does for a pod).
void create_pod_cgroups(const CgroupMounts& mounts, const plan::Plan& plan);
// Kills what is left in PARENT/ID/pod, then removes it; `pod` is pod_cgroup(plan). PARENT/ID itself and its
// supervisor's group go too when no process is in them, else they stay (the supervisor cannot remove the group it is
// in: the last one out calls this again from outside), and false is returned.
bool remove_pod_cgroups(const CgroupMounts& mounts, const std::string& pod);

// Makes net, ipc and uts namespaces, sets hostname and sysctls, and pins them by bind mounts at ns/net, ns/ipc, ns/uts.
// Host modes pin the host's own under the same names (uts follows net, as in CRI), so that a user of the pins need not
// ask which it is. The caller must be in the host's namespaces.
void create_namespaces(const plan::Plan& plan, const state::PodPaths& paths);
void remove_namespaces(const state::PodPaths& paths);

// The tmpfs that is /dev/shm in every container: PodPaths::run/shm, 64 MiB as runtimes have it. hostIPC: nothing is
// made.
void create_shared_memory(const plan::Plan& plan, const state::PodPaths& paths);
void remove_shared_memory(const state::PodPaths& paths);

// etc/hosts (as kubelet writes it, with hostAliases), etc/hostname, etc/resolv.conf. The files keep their inode when
// they are written again, because containers have them mounted. They lie on a tmpfs of 4 MiB, which is all a container
// can fill by writing to them.
void write_pod_files(const plan::Plan& plan, const state::PodPaths& paths);
void remove_pod_files(const state::PodPaths& paths);

// Where the volume's files lie on the host: hostPath: its source; else PodPaths::volume(name, in memory or not).
fs::path volume_directory(const plan::Volume& volume, const state::PodPaths& paths);

// emptyDir: a directory of the volume's mode (its group is fsGroup, setgid). memory, secrets: a tmpfs. files: laid out
// as kubelet's AtomicWriter does: NAME -> ..data/NAME, ..data -> ..TIME. hostPath: checked or created after its type;
// Error{input} when it is not what the type says. Called again with other files it replaces all of them at once (one
// rename): a reader sees the old or the new set.
void create_volume(const plan::Plan& plan, const plan::Volume& volume, const state::PodPaths& paths);
// Removes the volume with its contents; what a hostPath points to is never touched.
void remove_volume(const state::PodPaths& paths, const std::string& name);

// Writable layer, work directory and termination log of a container's last run (PodPaths::container_lib(name)).
void remove_container_root(const state::PodPaths& paths, const std::string& container);

// The file mounted at terminationMessagePath: fresh for each start, readable when the container has ended.
fs::path termination_log(const state::PodPaths& paths, const std::string& container);

}  // namespace tandem::linux_
