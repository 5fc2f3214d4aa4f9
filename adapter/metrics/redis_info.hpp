// Redis' INFO: https://redis.io/docs/latest/commands/info/
#pragma once

#include <string_view>

#include "adapter/metrics/page.hpp"

namespace tandem::metrics {

// The names are those of redis_exporter. Unknown fields are no problem: every version has others. A text without one
// known field gives a problem.
Page parse_redis_info(std::string_view text, const Labels& labels);

}  // namespace tandem::metrics
