// Records on standard output. At least once: a line that was cut off by a kill comes again, whole.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "sidecars/log/sinks/sink.hpp"

namespace tandem::shipper {
namespace {

// The kernel's promise for pipes: so many bytes fit when poll says writable.
constexpr std::size_t surely_fits = 4096;

class StdoutSink : public Sink {
 public:
  explicit StdoutSink(asio::io_context& io) : waiter_(io) {
    struct stat status {};
    check([&] { return ::fstat(STDOUT_FILENO, &status); }, "stat", "standard output");
    waits_ = S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) || S_ISCHR(status.st_mode);
    is_socket_ = S_ISSOCK(status.st_mode);
    // A description of our own, so that non-blocking does not spread to those who share this one.
    const int own =
        is_socket_ ? -1
                   : attempt([] { return ::open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY); });
    non_blocking_ = waits_ && own >= 0;
    fd_.reset(non_blocking_
                  ? own
                  : check([] { return ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3); }, "duplicate", "standard output"));
    if (own >= 0 && !non_blocking_) ::close(own);
    if (waits_) {
      boost::system::error_code refused;  // /dev/null cannot be polled, and never blocks
      waiter_.assign(check([&] { return ::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 3); }, "duplicate", "standard output"),
                     refused);
      if (refused) waits_ = false;
    }
  }

  net::awaitable<Outcome> write(const Batch& batch) override {
    std::string_view rest = batch.body.view();
    while (!rest.empty()) {
      if (waits_) {
        auto [failed] = co_await waiter_.async_wait(asio::posix::stream_descriptor::wait_write, net::as_result);
        if (failed) co_return Outcome(Verdict::retry_later, "standard output: " + failed.message());
      }
      const auto count = write_some(rest);
      if (count == -EAGAIN) continue;
      if (count < 0) {
        Outcome outcome(Verdict::retry_later,
                        Error::from_errno("write", "standard output", static_cast<int>(-count)).what());
        outcome.unreachable = true;
        co_return outcome;
      }
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
    co_return Outcome();
  }

 private:
  ssize_t write_some(std::string_view bytes) {
    return attempt([&]() -> ssize_t {
      if (is_socket_) return ::send(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      const bool all = non_blocking_ || !waits_;
      return ::write(fd_.get(), bytes.data(), all ? bytes.size() : std::min(bytes.size(), surely_fits));
    });
  }

  unique_fd fd_;
  asio::posix::stream_descriptor waiter_;
  bool waits_ = false, is_socket_ = false, non_blocking_ = false;
};

}  // namespace

SinkType standard_output_sink() {
  return {"stdout", format_keys, [](Reader& item, SinkSettings& sink) {
            read_format(item, sink);
            sink.make = [](const SinkSettings&, const SinkContext& context) {
              return std::make_unique<StdoutSink>(context.io);
            };
          }};
}

}  // namespace tandem::shipper
