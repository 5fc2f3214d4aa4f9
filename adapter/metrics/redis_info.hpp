// Redis' INFO: https://redis.io/docs/latest/commands/info/
#pragma once

#include <string_view>

#include "adapter/metrics/page.hpp"

namespace tandem::metrics {

// The names are those of redis_exporter. Unknown fields are no problem: every version has others. A text without one
// known field gives a problem. `secret`, the password that the server was told, is masked in texts that become labels.
Page parse_redis_info(std::string_view text, const Labels& labels, const PageLimits& limits = {},
                      std::string_view secret = {});

}  // namespace tandem::metrics
