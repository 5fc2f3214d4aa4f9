// A message as an HttpServer and an HttpClient read it, in pieces, with small limits: no more is held and no more is
// taken than they allow. First byte: of which kind, and the size of the pieces.
#include "core/net/message_budget.hpp"

#include <boost/beast/http.hpp>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

namespace http = boost::beast::http;
using namespace tandem::net;

constexpr std::size_t headers = 64, body = 32, piece = 16;

template <bool isRequest>
void read(std::string_view bytes, std::size_t step, bool eager) {
  http::parser<isRequest, http::string_body> parser;
  parser.header_limit(headers);
  parser.body_limit(body);
  parser.eager(eager);
  boost::beast::flat_buffer buffer(headers + piece);
  MessageBudget budget(headers, body);
  std::size_t came = 0;
  while (!parser.is_done() && !bytes.empty()) {
    const auto room = room_in(buffer, step);
    const std::size_t count = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), count);
    buffer.commit(count);
    bytes.remove_prefix(count);
    came += count;
    if (came > 2 * headers + body + body / 4 + buffer.max_size()) std::abort();
    while (!parser.is_done() && buffer.size() > 0) {
      const bool had_headers = parser.is_header_done();
      const std::size_t before = buffer.size();
      if (budget.feed(parser, buffer)) return;
      parser.eager(eager || parser.is_header_done());
      if (had_headers == parser.is_header_done() && buffer.size() == before) break;  // it needs more
    }
  }
  if (parser.get().body().size() > body) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t step = 1 + (data[0] >> 1) % piece;
  if (data[0] & 1)
    read<true>(bytes, step, false);
  else
    read<false>(bytes, step, true);
  return 0;
}
