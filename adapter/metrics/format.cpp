#include "adapter/metrics/format.hpp"

#include "adapter/metrics/nginx_status.hpp"
#include "adapter/metrics/prometheus_text.hpp"
#include "adapter/metrics/redis_info.hpp"

namespace tandem::metrics {

const std::vector<Format>& formats() {
  static const std::vector<Format> table = {
      {"prometheus", Transport::http, nullptr,
       [](std::string_view bytes, const Source& source) {
         return parse_prometheus(bytes, source.labels, source.limits);
       }},
      {"nginx", Transport::http, "nginx_up",
       [](std::string_view bytes, const Source& source) { return parse_nginx_status(bytes, source.labels); }},
      {"redis", Transport::redis, "redis_up",
       [](std::string_view bytes, const Source& source) {
         return parse_redis_info(bytes, source.labels, source.limits, source.password);
       }},
      {"json", Transport::http, nullptr,
       [](std::string_view bytes, const Source& source) {
         return parse_json_numbers(bytes, source.labels, source.mapping, source.limits);
       }},
  };
  return table;
}

const Format* find_format(std::string_view type) {
  for (const auto& format : formats())
    if (format.type == type) return &format;
  return nullptr;
}

}  // namespace tandem::metrics
