// Rotated files that were compressed (gzip, zstd), as plain ones: slice by slice, so that others have their turn.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/os/unique_fd.hpp"

namespace tandem::shipper {

struct UnpackLimits {
  std::uint64_t bytes = 1u << 30;      // that may come of one file
  std::uint64_t ratio = 200;           // of what comes of it to what was read of it, past 16 MiB; 0: any
  std::uint64_t keep_free = 8u << 20;  // of the disk that the plain file is on; see room_on_disk()
};

class Decompressor {
 public:
  virtual ~Decompressor() = default;
  // Takes what it uses away from `in`; how many bytes it put to the front of `out`.
  virtual std::size_t decode(std::string_view& in, std::vector<char>& out) = 0;
  bool is_broken() const { return broken_; }  // nothing more comes

 protected:
  bool broken_ = false;
};

class Unpacking {
 public:
  // `packed` stays open elsewhere. The plain file has no name, and lies below `directory`.
  Unpacking(int packed, std::string directory, UnpackLimits limits);

  // Goes on until so many bytes were read and written. True: it is over.
  bool work(std::uint64_t bytes);
  // When it is over: the plain bytes, for reading only. What is damaged or cut off at its end is unpacked as far as it
  // goes. No fd, and the reason in `problem`, when there is nothing to read or too much.
  unique_fd take(std::string& problem);
  std::uint64_t done_bytes() const { return read_ + written_; }
  bool is_too_large() const { return too_large_; }

 private:
  void step();

  unique_fd packed_, plain_;
  std::string directory_, problem_;
  UnpackLimits limits_;
  std::unique_ptr<Decompressor> decompressor_;
  std::uint64_t read_ = 0, written_ = 0;
  std::vector<char> in_, out_;
  std::string_view rest_;  // of in_, not yet decoded
  bool full_ = false;      // out_ was: there may be more without more to read
  bool over_ = false, too_large_ = false;
};

}  // namespace tandem::shipper
