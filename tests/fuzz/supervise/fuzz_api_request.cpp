// The pod's API socket and what a probed server answers: bytes from outside.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "pods/supervise/http_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tandem::supervise;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  HttpRequest request;
  if (parse_request(bytes, request) == Parsed::done) {
    if (request.method.empty() || request.path.empty() || request.path[0] != '/') std::abort();
    if (request.body.size() > longest_body_bytes) std::abort();
  }
  if (const auto code = parse_status_code(bytes); code && (*code < 100 || *code > 999)) std::abort();
  if (body_of(bytes).size() > size) std::abort();
  return 0;
}
