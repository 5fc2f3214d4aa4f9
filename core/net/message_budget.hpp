// What one HTTP message may take of the wire and of memory, as Beast reads it: its own limits count neither chunk
// extensions nor trailers nor the zeros before a chunk's size, and its buffer grows (boostorg/beast#3077).
#pragma once

#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstdint>

#include "core/net/asio.hpp"

namespace tandem::net {

class MessageBudget {
 public:
  // A message has its headers, its body, as much as its headers again in trailers and extensions, and the frames of its
  // chunks, which may take a quarter of the body.
  MessageBudget(std::uint64_t header_bytes, std::uint64_t body_bytes)
      : left_(2 * header_bytes + body_bytes + body_bytes / 4) {}

  // Hands the parser what is in the buffer and takes away what it is done with. An error: why this is no message, or
  // too much of one; none, and it is not done: it needs more, and the buffer has room.
  template <bool isRequest>
  error_code feed(boost::beast::http::basic_parser<isRequest>& parser, boost::beast::flat_buffer& buffer) {
    namespace http = boost::beast::http;
    error_code failed;
    const std::uint64_t taken = parser.put(buffer.data(), failed);
    buffer.consume(taken);
    left_ -= std::min(left_, taken);
    if (failed && failed != http::error::need_more) return failed;
    const bool fits = failed ? buffer.size() < std::min<std::uint64_t>(left_, buffer.max_size()) : left_ > 0;
    if (parser.is_done() || fits) return {};
    return parser.is_header_done() ? http::error::body_limit : http::error::header_limit;
  }

 private:
  std::uint64_t left_;
};

// Room to read into, at least a byte of it.
inline asio::mutable_buffer room_in(boost::beast::flat_buffer& buffer, std::size_t wanted) {
  return buffer.prepare(std::clamp<std::size_t>(buffer.max_size() - buffer.size(), 1, wanted));
}

}  // namespace tandem::net
