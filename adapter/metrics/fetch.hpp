// Gets a source's bytes.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "adapter/metrics/settings.hpp"
#include "core/net/http_client.hpp"

namespace tandem::metrics {

class Fetched {
 public:
  Fetched() = default;
  std::string bytes;
  std::string error;       // why there are none
  bool too_large = false;  // the error is that there are too many
  bool crowded = false;    // that there are too many of all sources, and more of this one than its part
};

// Never throws for the source's fault, and its error never shows the password that the source was told; ends within
// `limit`, and with `most_bytes`, to which `client` is limited too.
net::awaitable<Fetched> fetch(net::HttpClient* client, std::shared_ptr<const Source> source,
                              std::chrono::milliseconds limit, std::uint64_t most_bytes);

}  // namespace tandem::metrics
