#include "sidecars/log/sinks/compress.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <climits>
#include <new>

namespace tandem::shipper {

struct Compressor::State {
  z_stream gzip{};
  bool gzip_ready = false;
  ZSTD_CCtx* zstd = nullptr;
};

const char* content_encoding(Compression compression) {
  return compression == Compression::gzip ? "gzip" : compression == Compression::zstd ? "zstd" : nullptr;
}

Compressor::Compressor(Compression compression, int level)
    : compression_(compression), state_(std::make_unique<State>()) {
  if (compression == Compression::gzip) {
    const int window_with_gzip_header = 15 + 16;
    if (::deflateInit2(&state_->gzip, level ? level : Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_with_gzip_header, 8,
                       Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
    state_->gzip_ready = true;
  }
  if (compression == Compression::zstd) {
    state_->zstd = ::ZSTD_createCCtx();
    if (!state_->zstd) throw std::bad_alloc();
    ::ZSTD_CCtx_setParameter(state_->zstd, ZSTD_c_compressionLevel, level ? level : ZSTD_CLEVEL_DEFAULT);
  }
}

Compressor::~Compressor() {
  if (state_->gzip_ready) ::deflateEnd(&state_->gzip);
  ::ZSTD_freeCCtx(state_->zstd);
}

void Compressor::append(std::string_view bytes, Buffer& out) {
  if (compression_ == Compression::zstd) {
    const std::size_t room = ::ZSTD_compressBound(bytes.size());
    const std::size_t size = ::ZSTD_compress2(state_->zstd, out.claim(room), room, bytes.data(), bytes.size());
    if (::ZSTD_isError(size)) throw std::bad_alloc();  // the room is enough, so memory is all that can be missing
    out.commit(size);
    return;
  }
  z_stream& stream = state_->gzip;
  ::deflateReset(&stream);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  std::size_t left = bytes.size();
  for (int result = Z_OK; result != Z_STREAM_END;) {
    if (stream.avail_in == 0) {  // it counts in 32 bits
      stream.avail_in = static_cast<uInt>(std::min<std::size_t>(left, INT_MAX));
      left -= stream.avail_in;
    }
    const std::size_t room = 64 * 1024;
    stream.next_out = reinterpret_cast<Bytef*>(out.claim(room));
    stream.avail_out = static_cast<uInt>(room);
    result = ::deflate(&stream, left == 0 ? Z_FINISH : Z_NO_FLUSH);
    out.commit(room - stream.avail_out);
  }
}

}  // namespace tandem::shipper
