// Bodies made smaller: gzip (RFC 1952) and zstd (RFC 8878).
#pragma once

#include <memory>
#include <string_view>

#include "sidecars/log/buffer.hpp"

namespace tandem::shipper {

enum class Compression { none, gzip, zstd };

const char* content_encoding(Compression compression);  // nullptr for none

// Keeps the library's working memory from one body to the next.
class Compressor {
 public:
  // Level 0 is the library's usual one (gzip 6, zstd 3). gzip has 1 to 9, zstd 1 to 19.
  Compressor(Compression compression, int level);
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  Compression kind() const { return compression_; }
  // Appends one whole gzip member or zstd frame. Throws std::bad_alloc only. Not for `none`.
  void append(std::string_view bytes, Buffer& out);

 private:
  struct State;
  Compression compression_;
  std::unique_ptr<State> state_;
};

}  // namespace tandem::shipper
