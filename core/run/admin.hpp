// The admin routes of every helper: /healthz, /readyz, /metrics, /configz.
#pragma once

#include <functional>
#include <string>

#include "core/net/http_server.hpp"
#include "core/observe/metrics.hpp"
#include "core/run/service.hpp"

namespace tandem::run {

struct AdminView {
  std::function<Readiness()> readiness;
  std::function<std::string()> config;  // as it may be shown
};

void add_admin_routes(net::HttpServer& server, observe::Metrics& metrics, AdminView view);

}  // namespace tandem::run
