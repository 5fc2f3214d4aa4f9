// Keeper and supervisor bring each other back: the keeper starts another supervisor; a supervisor whose keeper has died
// becomes the keeper itself, in its own process, so that the containers that are its children stay so and their exit
// codes stay known.
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <csignal>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/supervise/keeper_log.hpp"
#include "pods/supervise/lock_owner.hpp"
#include "pods/supervise/pod_driver.hpp"

namespace tandem::supervise {

void PodDriver::watch_keeper() {
  if (const auto process = identify(keeper_); process && read_lock_owner(paths_.keeper_lock()) == keeper_) {
    if (auto pidfd = open_pidfd(*process)) {
      keeper_end_ = std::move(*pidfd);
      loop_.watch(keeper_end_.get(), EPOLLIN, [this](std::uint32_t) { replace_keeper(); });
      return;
    }
  }
  loop_.after(std::chrono::milliseconds(0), [this] { replace_keeper(); });
}

void PodDriver::replace_keeper() {
  if (keeper_end_) loop_.forget(keeper_end_.get());
  keeper_end_.reset();
  auto lock = try_lock_file(paths_.keeper_lock());
  if (!lock) return;  // a command has started another one
  work_off();         // what is known now, as how a container ended, nobody could ask for again
  if (finished_) return;
  log(Level::warning, "the keeper is gone: this process becomes it");
  leave_pod();  // a keeper lives in the host's network
  ::fcntl(lock->get(), F_SETFD, 0);
  ::signal(SIGPIPE, SIG_DFL);
  const std::string number = std::to_string(lock->get());
  ::execl("/proc/self/exe", "tandem-pod", "keeper", paths_.run.c_str(), "--own-lock-fd", number.c_str(),
          static_cast<char*>(nullptr));
  log(Level::error, "become the keeper: " + Error::from_errno("execute", "/proc/self/exe", errno).cause());
  ::signal(SIGPIPE, SIG_IGN);
  if (supervisor_.state().pod.sandbox_ready && !supervisor_.state().pod.finished) enter_pod();
}

}  // namespace tandem::supervise
