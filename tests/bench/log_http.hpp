// As much of an HTTP/1.1 server as takes POSTs with Content-Length, and unpacks their bodies.
#pragma once

#include <sys/socket.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

struct Request {
  std::string key;  // Idempotency-Key
  std::string encoding;
};

// One connection. `piece` gets the body's bytes as they come, unpacked; `whole` is called at its end, before the
// answer.
class HttpConnection {
 public:
  using Piece = std::function<void(const Request&, const char*, std::size_t)>;
  using Whole = std::function<void(const Request&)>;
  HttpConnection() = default;
  HttpConnection(const HttpConnection&) = delete;
  ~HttpConnection() {
    if (gzip_ready_) ::inflateEnd(&gzip_);
    ::ZSTD_freeDCtx(zstd_);
  }

  // False: the connection is to be closed.
  bool take(int fd, const char* at, std::size_t length, const Piece& piece, const Whole& whole) {
    while (length > 0) {
      if (body_left_ > 0) {
        const std::size_t part = std::min(length, body_left_);
        if (!unpack(at, part, piece)) return false;
        at += part;
        length -= part;
        body_left_ -= part;
        if (body_left_ > 0) return true;
        whole(request_);
        static const char answer[] = "HTTP/1.1 204 No Content\r\n\r\n";
        if (::send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL) < 0) return false;
        continue;
      }
      head_ += *at++;
      --length;
      if (!head_.ends_with("\r\n\r\n")) continue;
      body_left_ = std::strtoull(field("Content-Length").c_str(), nullptr, 10);
      request_ = {field("Idempotency-Key"), field("Content-Encoding")};
      head_.clear();
      if (body_left_ == 0) return false;
    }
    return true;
  }

 private:
  std::string field(const std::string& name) const {
    const auto at = head_.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const auto begin = at + name.size() + 4;
    return head_.substr(begin, head_.find("\r\n", begin) - begin);
  }

  bool unpack(const char* at, std::size_t length, const Piece& piece) {
    if (request_.encoding.empty()) return piece(request_, at, length), true;
    block_.resize(256 << 10);
    return request_.encoding == "gzip" ? inflate(at, length, piece) : decompress(at, length, piece);
  }

  bool inflate(const char* at, std::size_t length, const Piece& piece) {
    if (!gzip_ready_) gzip_ready_ = ::inflateInit2(&gzip_, 15 + 16) == Z_OK;
    gzip_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(at));
    gzip_.avail_in = static_cast<uInt>(length);
    while (true) {
      gzip_.next_out = reinterpret_cast<Bytef*>(block_.data());
      gzip_.avail_out = static_cast<uInt>(block_.size());
      const int result = ::inflate(&gzip_, Z_NO_FLUSH);
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return false;
      const std::size_t got = block_.size() - gzip_.avail_out;
      piece(request_, block_.data(), got);
      if (result == Z_STREAM_END) return ::inflateReset(&gzip_) == Z_OK;
      if (gzip_.avail_in == 0 && got < block_.size()) return true;
    }
  }

  bool decompress(const char* at, std::size_t length, const Piece& piece) {
    if (!zstd_) zstd_ = ::ZSTD_createDCtx();
    ZSTD_inBuffer in{at, length, 0};
    while (true) {
      ZSTD_outBuffer out{block_.data(), block_.size(), 0};
      const std::size_t result = ::ZSTD_decompressStream(zstd_, &out, &in);
      if (::ZSTD_isError(result)) return false;
      piece(request_, block_.data(), out.pos);
      if (in.pos == in.size && out.pos < out.size) return true;
    }
  }

  std::string head_;
  std::size_t body_left_ = 0;
  Request request_;
  z_stream gzip_{};
  bool gzip_ready_ = false;
  ZSTD_DCtx* zstd_ = nullptr;
  std::vector<char> block_;
};

}  // namespace bench
