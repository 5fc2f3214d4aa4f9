#include "pods/supervise/command_run.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "core/os/check.hpp"
#include "core/os/error.hpp"
#include "pods/linux/cgroup.hpp"
#include "pods/linux/session.hpp"

namespace tandem::supervise {

constexpr std::chrono::milliseconds time_to_die{200};

CommandRun::CommandRun(EventLoop& loop, linux_::Executing executing, std::string cgroup, unique_fd output,
                       std::chrono::milliseconds timeout, Done done)
    : loop_(loop),
      executing_(std::move(executing)),
      cgroup_(std::move(cgroup)),
      output_fd_(std::move(output)),
      done_(std::move(done)) {
  ::fcntl(output_fd_.get(), F_SETFL, O_NONBLOCK);
  loop_.watch(output_fd_.get(), EPOLLIN, [this](std::uint32_t) { on_output(); });
  watch_start();
  if (timeout > std::chrono::milliseconds(0)) timer_ = loop_.after(timeout, [this] { on_timeout(); });
}

CommandRun::~CommandRun() {
  loop_.cancel(timer_);
  loop_.forget(output_fd_.get());
  if (executing_) loop_.forget(start_descriptor_);
  if (!started_) return;
  loop_.forget(started_->pidfd.get());
  // Not reaped yet: it dies with its container, and the keeper is told of nothing, for we are its parent.
  kill();
  reap(started_->pidfd.get());
}

void CommandRun::watch_start() {
  start_descriptor_ = executing_->descriptor();
  loop_.watch(start_descriptor_, EPOLLIN, [this](std::uint32_t) { on_start(); });
}

void CommandRun::on_start() {
  loop_.forget(start_descriptor_);
  try {
    started_ = executing_->advance();
  } catch (const Error& error) {
    executing_.reset();
    output_ = error.what();
    return end(false);
  }
  if (!started_) return watch_start();
  executing_.reset();
  loop_.watch(started_->pidfd.get(), EPOLLIN, [this](std::uint32_t) { on_exit(); });
}

void CommandRun::on_timeout() {
  timer_ = 0;
  timed_out_ = true;
  if (executing_) {
    loop_.forget(start_descriptor_);
    executing_.reset();
    output_ = "command timed out before it could begin";
    return end(false);
  }
  kill();
  // Its container may have been frozen meanwhile.
  timer_ = loop_.after(time_to_die, [this] {
    timer_ = 0;
    linux_::release_killed(linux_::find_cgroup_mounts(), started_->process.pid);
  });
}

// What it has started is stopped with it: a probe that hangs every ten seconds would fill the container.
void CommandRun::kill() {
  linux_::signal_session(linux_::find_cgroup_mounts(), cgroup_, started_->process, SIGKILL);
  send_signal(started_->pidfd.get(), SIGKILL);
}

void CommandRun::on_output() {
  std::array<char, 4096> bytes;
  for (int i = 0; i < 16; ++i) {
    const auto count = attempt([&] { return ::read(output_fd_.get(), bytes.data(), bytes.size()); });
    if (count == -EAGAIN) return;
    if (count <= 0) return loop_.forget(output_fd_.get());
    const std::size_t room = kept_output_bytes - output_.size();
    output_.append(bytes.data(), std::min(room, static_cast<std::size_t>(count)));
  }
}

void CommandRun::on_exit() {
  const auto status = reap(started_->pidfd.get());
  if (!status) return;
  on_output();
  while (!output_.empty() && (output_.back() == '\n' || output_.back() == '\r')) output_.pop_back();
  const bool ok = !timed_out_ && status->shell_code() == 0;
  if (timed_out_) output_ = "command timed out" + (output_.empty() ? "" : ": " + output_);
  if (!ok && output_.empty()) output_ = to_string(*status);
  end(ok);
}

void CommandRun::end(bool ok) {
  const Done done = std::move(done_);
  done(ok, std::move(output_));
}

}  // namespace tandem::supervise
