// Where things lie on disk. Only names are made here; nothing is touched.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace tandem::state {

namespace fs = std::filesystem;

// The two trees and what is derived from them. TANDEM_ROOT=DIR puts both below DIR (DIR/run, DIR/lib) and separates
// cgroup parent, bridge, subnet and firewall table by a hash of DIR.
struct Roots {
  fs::path run;      // /run/tandem: sockets, locks, Plans, FIFOs, tmpfs; gone after a boot
  fs::path lib;      // /var/lib/tandem: images, objects, emptyDirs, logs
  std::string tag;   // "" for the default roots, else 6 hex digits of the hash
  fs::path libexec;  // where tandem-pod and tandem-image lie

  fs::path pods() const { return run / "pods"; }
  fs::path names() const { return run / "names"; }      // names/NAMESPACE/NAME -> ../../pods/ID
  fs::path locks() const { return run / "locks"; }      // NAMESPACE.NAME while a command changes that pod (PodLock)
  fs::path network() const { return run / "network"; }  // lock, addresses/IP (holds the pod's uid)
  fs::path objects() const { return lib / "objects"; }  // KIND/NAMESPACE/NAME.json, Secrets 0600
  fs::path images() const { return lib / "images"; }    // an OCI image layout, plus layers/
  std::string cgroup_parent() const { return tag.empty() ? "tandem" : "tandem-" + tag; }
  std::string bridge() const { return tag.empty() ? "tandem0" : "tandem-" + tag; }
  std::string firewall_table() const { return tag.empty() ? "tandem" : "tandem_" + tag; }
};

// From the environment: TANDEM_ROOT, else /run and /var/lib for root, else XDG. `libexec` is TANDEM_LIBEXEC, else
// ../libexec/tandem beside the program's own directory, else the program's own directory (a build tree).
Roots find_roots();

// As find_roots, from values: `environment` answers nullptr for what is not set, `program` is the running program's
// path.
Roots roots_from(const std::function<const char*(const char*)>& environment, unsigned uid, const fs::path& program);

// The Roots of the pods below `run`, for whoever knows no more than that place. libexec is beside `program`.
Roots roots_around(const fs::path& run, const fs::path& program);

// One pod's directories and files, by the first 12 hex digits of its uid.
struct PodPaths {
  fs::path run;  // RUN/pods/ID, 0700
  fs::path lib;  // LIB/pods/ID

  PodPaths(const Roots& roots, const std::string& id) : run(roots.pods() / id), lib(roots.lib / "pods" / id) {}

  fs::path plan() const { return run / "plan.json"; }                   // 0600
  fs::path roots() const { return run / "roots.json"; }                 // the Roots the pod was launched with
  fs::path keeper_lock() const { return run / "keeper.lock"; }          // held: the keeper lives
  fs::path supervisor_lock() const { return run / "supervisor.lock"; }  // held: a supervisor lives
  fs::path socket() const { return run / "api.sock"; }
  fs::path undo() const { return run / "undo.jsonl"; }        // one step a line, written before the step
  fs::path deletion() const { return run / "deletion"; }      // when it was begun; whoever comes next finishes it
  fs::path status() const { return run / "status.json"; }     // the v1 Pod with status; replaced at each transition
  fs::path events() const { return run / "events.jsonl"; }    // v1 Events, one a line
  fs::path keeper_log() const { return run / "keeper.log"; }  // stderr of keeper and supervisor, JSON lines
  fs::path namespaces() const { return run / "ns"; }          // ns/net, ns/ipc, ns/uts: bind mounts of nsfs
  fs::path etc() const { return run / "etc"; }                // hosts, hostname, resolv.conf
  fs::path exits() const { return run / "exits"; }            // PID.json: wait status of an orphan, by the keeper
  fs::path container_run(const std::string& name) const {
    return run / "containers" / name;
  }  // stdout, stderr (FIFOs), record.json
  fs::path begun(const std::string& name) const {
    return container_run(name) / "begun";
  }  // not empty once the attempt's program is about to run, by its own process
  fs::path container_lib(const std::string& name) const {
    return lib / "containers" / name;
  }                                                                // upper/ work/ of the overlay
  fs::path log(const std::string& container, int attempt) const {  // CRI format
    return lib / "logs" / container / (std::to_string(attempt) + ".log");
  }
  fs::path volume(const std::string& name, bool in_memory) const { return (in_memory ? run : lib) / "volumes" / name; }
};

}  // namespace tandem::state
