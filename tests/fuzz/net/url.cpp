#include <cstdint>
#include <cstdlib>

#include "core/net/endpoint.hpp"
#include "core/net/url.hpp"

using namespace tandem::net;

// What is accepted must read back as the same thing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string why;
  if (auto url = parse_url(text, why)) {
    auto again = parse_url(to_string(*url), why);
    if (!again || to_string(*again) != to_string(*url) || url->port == 0 || url->host.empty()) std::abort();
  }
  if (auto endpoint = parse_endpoint(text, why)) {
    auto again = parse_endpoint(to_string(*endpoint), why);
    if (!again || !(*again == *endpoint)) std::abort();
  }
  decode_percent(text);
  return 0;
}
