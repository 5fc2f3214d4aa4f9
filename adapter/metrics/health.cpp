#include "adapter/metrics/health.hpp"

#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "core/observe/mask.hpp"

namespace tandem::metrics {

PodHealth pod_health(const Scrape* scrape, bool draining) {
  PodHealth health;
  nlohmann::ordered_json sources = nlohmann::ordered_json::array();
  std::string reason = draining ? "the adapter is draining" : scrape ? "" : "the sources did not answer in time";
  if (scrape) {
    for (const auto& state : scrape->sources) {
      nlohmann::ordered_json one = {{"name", state.source->name},
                                    {"container", state.source->container},
                                    {"up", state.up},
                                    {"required", state.source->required}};
      const std::string why = observe::mask_credentials(state.reason);  // it names the source's URL
      if (!state.up) one["reason"] = why;
      sources.push_back(std::move(one));
      if (!state.up && state.source->required && reason.empty()) reason = state.source->name + " is down: " + why;
    }
  }
  health.healthy = reason.empty();
  nlohmann::ordered_json document = {{"status", health.healthy ? "ok" : "fail"}};
  if (!reason.empty()) document["reason"] = reason;
  document["sources"] = std::move(sources);
  health.json = json_text(document, NotUtf8::replace) + "\n";
  return health;
}

}  // namespace tandem::metrics
