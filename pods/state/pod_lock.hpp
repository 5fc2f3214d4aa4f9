// Who changes a pod (apply, delete, replace) holds its lock from the first file to the last.
#pragma once

#include <functional>
#include <string>

#include "core/os/unique_fd.hpp"
#include "pods/state/layout.hpp"

namespace tandem::state {

// Where there is no room for the lock's file, which a delete would make. `lock_all`: the lock is that of all pods then;
// only for who holds no other one, and takes none as long as he holds this.
enum class WithoutRoom { fail, lock_all };

class PodLock {
 public:
  // Waits for whoever holds it; `told` is called once, before waiting. A dead holder frees it.
  PodLock(const Roots& roots, const std::string& name_space, const std::string& name, const std::function<void()>& told,
          WithoutRoom without_room);
  ~PodLock();  // frees it and removes its file
  PodLock(PodLock&&) noexcept = default;
  PodLock(const PodLock&) = delete;
  PodLock& operator=(const PodLock&) = delete;

  bool is_of(const std::string& name_space, const std::string& name) const {
    return path_.filename() == name_space + "." + name;
  }
  int fd() const { return file_.get(); }  // a child that inherits it holds the lock, too, until it closes it

 private:
  fs::path path_;
  unique_fd file_;
};

// Whether a command changes the pod just now. Who comes for the lock at this very moment may be told to wait.
bool is_pod_locked(const Roots& roots, const std::string& name_space, const std::string& name);

}  // namespace tandem::state
