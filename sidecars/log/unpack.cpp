#include "sidecars/log/unpack.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "sidecars/log/disk_room.hpp"
#include "sidecars/log/probe.hpp"

namespace tandem::shipper {
namespace {

constexpr std::size_t block_bytes = 256u << 10;
constexpr std::uint64_t any_ratio = 16u << 20;

// RFC 1952: one member after the other.
class Gunzip final : public Decompressor {
 public:
  Gunzip() { broken_ = ::inflateInit2(&stream_, 16 + MAX_WBITS) != Z_OK; }
  ~Gunzip() override { ::inflateEnd(&stream_); }
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;
  std::size_t decode(std::string_view& in, std::vector<char>& out) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    const int result = ::inflate(&stream_, Z_NO_FLUSH);
    in.remove_prefix(in.size() - stream_.avail_in);
    if (result == Z_STREAM_END) ::inflateReset(&stream_);
    broken_ = result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR;
    return out.size() - stream_.avail_out;
  }

 private:
  z_stream stream_{};
};

// RFC 8878: one frame after the other.
class Unzstd final : public Decompressor {
 public:
  std::size_t decode(std::string_view& in, std::vector<char>& out) override {
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    broken_ = ::ZSTD_isError(::ZSTD_decompressStream(stream_.get(), &to, &from));
    in.remove_prefix(from.pos);
    return to.pos;
  }

 private:
  std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream_{::ZSTD_createDStream(), ::ZSTD_freeDStream};
};

unique_fd nameless_file(const std::string& directory) {
  const int fd = attempt([&] { return ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); });
  if (fd >= 0) return unique_fd(fd);
  std::string path = directory + "/unpacked.XXXXXX";  // a file system without O_TMPFILE
  unique_fd named(check([&] { return ::mkostemp(path.data(), O_CLOEXEC); }, "create", path));
  ::unlink(path.c_str());
  return named;
}

}  // namespace

Unpacking::Unpacking(int packed, std::string directory, UnpackLimits limits)
    : directory_(std::move(directory)), limits_(limits), in_(block_bytes), out_(block_bytes) {
  try {
    packed_.reset(check([&] { return ::fcntl(packed, F_DUPFD_CLOEXEC, 3); }, "unpack", "a file"));
    plain_ = nameless_file(directory_);
  } catch (const Error& error) {
    problem_ = error.what();
    over_ = true;
    return;
  }
  const std::string magic = read_window(packed, 0, 4);
  if (magic.starts_with("\x1f\x8b")) decompressor_ = std::make_unique<Gunzip>();
  if (magic.starts_with("\x28\xb5\x2f\xfd")) decompressor_ = std::make_unique<Unzstd>();
  over_ = !decompressor_ || decompressor_->is_broken();
}

bool Unpacking::work(std::uint64_t bytes) {
  const std::uint64_t end = read_ + written_ + bytes;
  try {
    while (!over_ && read_ + written_ < end) step();
  } catch (const Error& error) {
    problem_ = error.what();
    over_ = true;
  }
  return over_;
}

void Unpacking::step() {
  if (rest_.empty() && !full_) {
    const auto count =
        attempt([&] { return ::pread(packed_.get(), in_.data(), in_.size(), static_cast<off_t>(read_)); });
    if (count <= 0) {
      over_ = true;
      return;
    }
    read_ += static_cast<std::uint64_t>(count);
    rest_ = {in_.data(), static_cast<std::size_t>(count)};
  }
  const std::size_t count = decompressor_->decode(rest_, out_);
  full_ = count == out_.size();
  written_ += count;
  over_ = decompressor_->is_broken();
  if (written_ > limits_.bytes) problem_ = fmt::format("has more than {} bytes when it is unpacked", limits_.bytes);
  if (limits_.ratio > 0 && written_ > any_ratio && written_ / limits_.ratio > read_)
    problem_ = fmt::format("has more than {} times its bytes when it is unpacked", limits_.ratio);
  if (problem_.empty() && room_on_disk(directory_, limits_.keep_free) < count)
    problem_ = "has no room on the disk of state.dir when it is unpacked";
  too_large_ = !problem_.empty();
  over_ = over_ || too_large_;
  if (!too_large_) write_all(plain_.get(), {out_.data(), count}, "an unpacked file");
}

unique_fd Unpacking::take(std::string& problem) {
  problem = problem_;
  if (problem.empty() && written_ == 0) problem = "cannot be unpacked";
  if (!problem.empty()) return {};
  // Opened again for reading only: whoever asks whether somebody writes it must not find us.
  const std::string again = fmt::format("/proc/self/fd/{}", plain_.get());
  const int fd = attempt([&] { return ::open(again.c_str(), O_RDONLY | O_CLOEXEC); });
  if (fd < 0) problem = Error::from_errno("open", again, -fd).what();
  return unique_fd(std::max(fd, -1));
}

}  // namespace tandem::shipper
