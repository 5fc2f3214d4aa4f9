// The formats a source can have: one row each.
#pragma once

#include <string_view>
#include <vector>

#include "adapter/metrics/page.hpp"
#include "adapter/metrics/settings.hpp"

namespace tandem::metrics {

enum class Transport { http, redis };

struct Format {
  std::string_view type;  // in the config
  Transport transport;
  const char* up_name;  // the metric by which the format's usual exporter says "it answers"; nullptr: none
  Page (*parse)(std::string_view bytes, const Source& source);
};

const std::vector<Format>& formats();
const Format* find_format(std::string_view type);  // nullptr: there is none

}  // namespace tandem::metrics
