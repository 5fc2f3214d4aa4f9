// nginx' stub_status page: https://nginx.org/en/docs/http/ngx_http_stub_status_module.html
#pragma once

#include <string_view>

#include "adapter/metrics/page.hpp"

namespace tandem::metrics {

// The names are those of nginx-prometheus-exporter. A text that is no stub_status page gives no families and a problem.
Page parse_nginx_status(std::string_view text, const Labels& labels);

}  // namespace tandem::metrics
