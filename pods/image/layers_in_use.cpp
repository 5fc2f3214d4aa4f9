#include "pods/image/layers_in_use.hpp"

#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/image/oci.hpp"

namespace tandem::image {

namespace {

std::string text_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

InUse layers_in_use(const std::filesystem::path& pods_run, const std::string& image_id) {
  InUse result;
  for (const std::string& id : list_directory(pods_run)) {
    const fs::path path = pods_run / id / "plan.json";
    const auto text = read_file_if_exists(path);
    if (!text && !fs::exists(pods_run / id / "state.json")) continue;  // a launch that has just begun
    const auto plan = parse_json(text.value_or(""));
    if (!plan.is_object() || text_of(plan, "id") != id || !plan.contains("containers") ||
        !plan["containers"].is_array())
      throw Error(Fault::environment, "read", path.string(),
                  "it is damaged or missing, so nobody knows which images the pod uses",
                  "delete that pod first; tandem get pods -A names it");
    const auto containers = plan.find("containers");
    for (const auto& container : *containers) {
      if (!container.is_object()) continue;
      if (!image_id.empty() && text_of(container, "imageID") == image_id)
        result.pods.insert(text_of(plan, "namespace") + "/" + text_of(plan, "name"));
      const auto layers = container.find("layers");
      if (layers == container.end() || !layers->is_array()) continue;
      for (const auto& layer : *layers)
        if (layer.is_string()) result.layers.insert(fs::path(layer.get<std::string>()).filename().string());
    }
  }
  return result;
}

}  // namespace tandem::image
