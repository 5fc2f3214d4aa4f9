#include "sidecars/log/unpack.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <memory>
#include <vector>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "sidecars/log/probe.hpp"

namespace tandem::shipper {
namespace {

constexpr std::size_t block_bytes = 256u << 10;

// Reads a file in blocks, and writes what comes of them to another.
class Unpacking {
 public:
  Unpacking(int from, int to, std::uint64_t limit)
      : from_(from), to_(to), limit_(limit), in_(block_bytes), out_(block_bytes) {}

  std::string_view next_block() {
    const auto count = attempt([&] { return ::pread(from_, in_.data(), in_.size(), static_cast<off_t>(read_)); });
    if (count <= 0) return {};
    read_ += static_cast<std::uint64_t>(count);
    return {in_.data(), static_cast<std::size_t>(count)};
  }
  std::vector<char>& out() { return out_; }
  bool put(std::size_t bytes) {
    written_ += bytes;
    if (written_ > limit_) return false;
    write_all(to_, {out_.data(), bytes}, "an unpacked file");
    return true;
  }
  bool over_limit() const { return written_ > limit_; }
  std::uint64_t written() const { return written_; }

 private:
  int from_, to_;
  std::uint64_t limit_, read_ = 0, written_ = 0;
  std::vector<char> in_, out_;
};

// RFC 1952: one member after the other.
void unpack_gzip(Unpacking& unpacking) {
  z_stream stream{};
  if (::inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) return;
  const std::unique_ptr<z_stream, int (*)(z_stream*)> closer(&stream, ::inflateEnd);
  for (auto block = unpacking.next_block(); !block.empty(); block = unpacking.next_block()) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(block.data()));
    stream.avail_in = static_cast<uInt>(block.size());
    do {
      stream.next_out = reinterpret_cast<Bytef*>(unpacking.out().data());
      stream.avail_out = static_cast<uInt>(unpacking.out().size());
      const int result = ::inflate(&stream, Z_NO_FLUSH);
      if (!unpacking.put(unpacking.out().size() - stream.avail_out)) return;
      if (result == Z_STREAM_END) ::inflateReset(&stream);
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return;
    } while (stream.avail_in > 0 || stream.avail_out == 0);
  }
}

// RFC 8878: one frame after the other.
void unpack_zstd(Unpacking& unpacking) {
  const std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream(::ZSTD_createDStream(),
                                                                             ::ZSTD_freeDStream);
  for (auto block = unpacking.next_block(); !block.empty(); block = unpacking.next_block()) {
    ZSTD_inBuffer in{block.data(), block.size(), 0};
    for (bool more = true; more;) {
      ZSTD_outBuffer out{unpacking.out().data(), unpacking.out().size(), 0};
      const std::size_t result = ::ZSTD_decompressStream(stream.get(), &out, &in);
      if (!unpacking.put(out.pos) || ::ZSTD_isError(result)) return;
      more = in.pos < in.size || out.pos == out.size;
    }
  }
}

unique_fd nameless_file(const std::string& directory) {
  const int fd = attempt([&] { return ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); });
  if (fd >= 0) return unique_fd(fd);
  std::string path = directory + "/unpacked.XXXXXX";  // a file system without O_TMPFILE
  unique_fd named(check([&] { return ::mkostemp(path.data(), O_CLOEXEC); }, "create", path));
  ::unlink(path.c_str());
  return named;
}

}  // namespace

unique_fd unpack(int fd, const std::string& directory, std::uint64_t limit, std::string& problem) {
  try {
    const unique_fd file = nameless_file(directory);
    Unpacking unpacking(fd, file.get(), limit);
    const std::string magic = read_window(fd, 0, 4);
    if (magic.starts_with("\x1f\x8b")) unpack_gzip(unpacking);
    if (magic.starts_with("\x28\xb5\x2f\xfd")) unpack_zstd(unpacking);
    if (unpacking.over_limit()) problem = fmt::format("has more than {} bytes when it is unpacked", limit);
    if (!unpacking.over_limit() && unpacking.written() == 0) problem = "cannot be unpacked";
    if (!problem.empty()) return {};
    // Opened again for reading only: whoever asks whether somebody writes it must not find us.
    const std::string again = fmt::format("/proc/self/fd/{}", file.get());
    return unique_fd(check([&] { return ::open(again.c_str(), O_RDONLY | O_CLOEXEC); }, "open", again));
  } catch (const Error& error) {
    problem = error.what();
    return {};
  }
}

}  // namespace tandem::shipper
