#include "core/run/admin.hpp"

#include "core/observe/mask.hpp"

namespace tandem::run {

void add_admin_routes(net::HttpServer& server, observe::Metrics& metrics, AdminView view) {
  using net::Request;
  using net::Response;
  // To answer at all is the proof that the one loop turns.
  server.route("GET", "/healthz", [](const Request&) { return Response(200, "ok\n"); });
  server.route("GET", "/readyz", [readiness = view.readiness](const Request&) {
    auto state = readiness();
    if (state.ready) return Response(200, "ok\n");
    return Response(503, "not ready: " + observe::mask_credentials(state.reason) + "\n");
  });
  server.route("GET", "/metrics",
               [&metrics](const Request&) { return Response(200, metrics.text(), observe::text_format); });
  server.route("GET", "/configz", [config = view.config](const Request& request) {
    if (!request.peer_is_local) return Response(403, "the config is shown to loopback peers only\n");
    return Response(200, config(), "application/yaml; charset=utf-8");
  });
}

}  // namespace tandem::run
