// Records appended to a file. Exactly once over kills: at the start the file is cut back to what was committed.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "sidecars/log/sinks/sink.hpp"

namespace tandem::shipper {
namespace {

class FileSink : public Sink {
 public:
  FileSink(std::string path, std::uint64_t rotate_bytes, int keep, std::function<void(const std::string&)> save_mark)
      : path_(std::move(path)), rotate_bytes_(rotate_bytes), keep_(keep), save_mark_(std::move(save_mark)) {}

  void recover(const std::string& committed) override {
    open();
    std::uint64_t device = 0, inode = 0, length = 0;
    const bool known = std::sscanf(committed.c_str(), "%lu:%lu:%lu", &device, &inode, &length) == 3;
    if (known && device == device_ && inode == inode_ && length < length_) cut_back_to(length);
    save_mark_(mark());
  }

  net::awaitable<Outcome> write(const Batch& batch) override { co_return append(batch.body.view()); }

 private:
  Outcome append(std::string_view bytes) {
    try {
      if (!fd_ || was_replaced()) {
        open();
        save_mark_(mark());
      }
      if (rotate_bytes_ > 0 && length_ > 0 && length_ + bytes.size() > rotate_bytes_) rotate();
      try {
        write_all(fd_.get(), bytes, path_);
      } catch (const Error&) {
        cut_back_to(length_);  // half a batch must not stay
        throw;
      }
      length_ += bytes.size();
    } catch (const Error& error) {
      return Outcome(Verdict::retry_later, error.what());
    }
    Outcome outcome;
    outcome.mark = mark();
    return outcome;
  }

  std::string mark() const { return fmt::format("{}:{}:{}", device_, inode_, length_); }

  void open() {
    fd_ = open_given_file(path_, O_WRONLY | O_APPEND | O_CREAT, 0644);
    struct stat status {};
    check([&] { return ::fstat(fd_.get(), &status); }, "stat", path_);
    device_ = status.st_dev;
    inode_ = status.st_ino;
    length_ = static_cast<std::uint64_t>(status.st_size);
  }

  // Somebody renamed or removed it: the next batch begins a new one, as is expected of a program that is rotated.
  bool was_replaced() const {
    struct stat status {};
    return ::stat(path_.c_str(), &status) != 0 || status.st_ino != inode_ || status.st_dev != device_;
  }

  void cut_back_to(std::uint64_t length) {
    check([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(length)); }, "cut back", path_);
    length_ = length;
  }

  void rotate() {
    for (int i = keep_ - 1; i >= 1; --i)
      ::rename(fmt::format("{}.{}", path_, i).c_str(), fmt::format("{}.{}", path_, i + 1).c_str());
    check([&] { return ::rename(path_.c_str(), (path_ + ".1").c_str()); }, "rotate", path_);
    open();
    save_mark_(mark());
  }

  std::string path_;
  std::uint64_t rotate_bytes_ = 0;
  int keep_ = 0;
  std::function<void(const std::string&)> save_mark_;
  unique_fd fd_;
  std::uint64_t device_ = 0, inode_ = 0, length_ = 0;
};

}  // namespace

SinkType file_sink() {
  return {"file",
          with_keys({{"path", "path", "", "Appended to; cut back at the start to what was committed."},
                     {"rotate.size", "bytes", "0", "Renamed to PATH.1 when it would grow past this; 0: never."},
                     {"rotate.keep", "integer", "3", "How many renamed ones are kept."}},
                    {&format_keys}),
          [](Reader& item, SinkSettings& sink) {
            read_format(item, sink);
            sink.path = item.required_string("path");
            if (!sink.path.empty() && !sink.path.starts_with('/')) item.problem("path", "the path is not absolute");
            Reader rotate = item.object("rotate");
            const auto size = static_cast<std::uint64_t>(rotate.bytes("size", {0}).value);
            const int keep = static_cast<int>(rotate.integer("keep", 3, 1, 1000));
            rotate.done();
            sink.make = [size, keep](const SinkSettings& settings, const SinkContext& context) {
              return std::make_unique<FileSink>(settings.path, size, keep, context.save_mark);
            };
          }};
}

}  // namespace tandem::shipper
