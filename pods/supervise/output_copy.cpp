#include "pods/supervise/output_copy.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/supervise/cri_format.hpp"
#include "pods/supervise/output_fifos.hpp"

namespace tandem::supervise {
namespace {

constexpr std::size_t read_bytes = 64 * 1024;  // what the pipe between holds by default

}  // namespace

OutputCopy::OutputCopy(EventLoop& loop, const fs::path& directory, std::string stream, std::shared_ptr<LogFile> log,
                       TimeBudget& budget)
    : loop_(loop),
      stream_(std::move(stream)),
      log_(std::move(log)),
      budget_(budget),
      // Opened anew for each attempt: a descriptor that has seen its last writer go reports the end for ever.
      fifo_(open_file(directory / stream_, O_RDONLY | O_NONBLOCK)),
      between_(make_pipe()) {
  widen_fifo(fifo_.get());
  watch();
}

OutputCopy::~OutputCopy() { pause(); }

void OutputCopy::watch() {
  loop_.watch(fifo_.get(), EPOLLIN, [this](std::uint32_t) { on_readable(); });
}

void OutputCopy::pause() {
  loop_.forget(fifo_.get());
  loop_.cancel(retry_);
  retry_ = 0;
}

OutputCopy::Step OutputCopy::copy_once() {
  const auto count =
      attempt([&] { return ::tee(fifo_.get(), between_.write_end.get(), read_bytes, SPLICE_F_NONBLOCK); });
  if (count == 0) return Step::ended;
  if (count < 0) return count == -EAGAIN ? Step::empty : Step::failed;
  std::array<char, read_bytes> bytes;
  std::size_t have = 0;
  while (have < static_cast<std::size_t>(count)) {
    const auto got = attempt([&] { return ::read(between_.read_end.get(), bytes.data() + have, bytes.size() - have); });
    if (got <= 0) return Step::failed;
    have += static_cast<std::size_t>(got);
  }
  // What begins a line waits for the next read, so that lines are seldom cut and a log of lines can be rotated.
  const std::size_t newline = std::string_view(bytes.data(), have).rfind('\n');
  const std::size_t taken = newline == std::string_view::npos ? have : newline + 1;
  const std::string text = cri_lines({bytes.data(), taken}, stream_, std::chrono::system_clock::now());
  if (!log_->append(text)) return Step::failed;
  for (std::size_t left = taken; left > 0;) {
    const auto got = attempt([&] { return ::read(fifo_.get(), bytes.data(), left); });
    if (got <= 0) return Step::failed;  // somebody else reads our FIFO
    left -= static_cast<std::size_t>(got);
  }
  return Step::copied;
}

void OutputCopy::pause_until(EventLoop::Clock::time_point when) {
  pause();
  retry_ = loop_.at(when, [this] {
    retry_ = 0;
    watch();
  });
}

// One read a turn: a talker must not keep the others waiting.
void OutputCopy::on_readable() {
  if (!budget_.is_left(EventLoop::Clock::now())) return pause_until(budget_.next_window());
  const auto begin = processor_time();
  const Step step = copy_once();
  budget_.spend(processor_time() - begin);
  if (step == Step::ended) pause();
  if (step == Step::failed) pause_until(EventLoop::Clock::now() + std::chrono::seconds(1));
}

void OutputCopy::drain() {
  // Two reads take a page of the FIFO at the least. Bounded, in case somebody else writes to it.
  const int most_reads = ::fcntl(fifo_.get(), F_GETPIPE_SZ) / 4096 * 2;
  for (int i = 0; i <= most_reads && copy_once() == Step::copied; ++i) {
  }
}

}  // namespace tandem::supervise
