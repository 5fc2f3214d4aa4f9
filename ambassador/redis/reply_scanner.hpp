// Replies of nodes: where each ends, without building anything; and a tree for the few that are read.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace tandem::redis {

// Finds the end of one RESP2 reply in a growing buffer. Nested arrays are counted, not descended into.
class ReplyScanner {
 public:
  explicit ReplyScanner(std::size_t limit_bytes = std::size_t{1} << 30) : limit_(limit_bytes) {}

  enum class Result { complete, need_more, error };

  // `unread`: the bytes from the reply's start, the same start on each call until it returns complete.
  // complete: the reply is the first size() bytes. error: not RESP2, or past the limit; the connection is of no use.
  Result next(std::string_view unread);
  std::size_t size() const { return position_; }
  std::size_t wanted() const { return wanted_; }  // after need_more: bytes known to be needed, at least
  // After need_more, for whoever does not keep the reply: how many bytes of its start need not be shown again, of the
  // `shown` that were. From then on it begins after them.
  std::size_t pass_over(std::size_t shown);

 private:
  std::size_t limit_;
  bool started_ = false;
  std::size_t position_ = 0, wanted_ = 0, searched_ = 0;
  std::size_t remaining_ = 0;  // elements that still must come
};

// A whole reply, as a tree of views into its bytes.
struct Reply {
  enum class Kind { simple, error, integer, bulk, null, array } kind = Kind::null;
  std::string_view text;  // of simple, error and bulk; the digits of an integer
  long long integer = 0;
  std::vector<Reply> items;
};

// Reads one complete reply; false when `bytes` is not exactly one, nests deeper than 16, or has more than
// `most_elements`, itself and all that is in its arrays.
bool parse_reply(std::string_view bytes, Reply& reply, std::size_t most_elements = std::size_t{1} << 20);

}  // namespace tandem::redis
