#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "core/text/base64.hpp"
#include "pods/manifest/manifest.hpp"

namespace tandem::manifest {

namespace {

nlohmann::ordered_json as_written(const Source& source, const Metadata& metadata) {
  nlohmann::ordered_json json = tandem::to_json(source.node());
  json["metadata"]["namespace"] = metadata.name_space;
  return json;
}

}  // namespace

std::string to_json(const ConfigMap& object) { return json_text(as_written(object.source, object.metadata)); }
std::string to_json(const Service& object) { return json_text(as_written(object.source, object.metadata)); }
std::string to_json(const Pod& object) { return json_text(as_written(object.source, object.metadata)); }

std::string to_json(const Secret& object) {
  nlohmann::ordered_json json = as_written(object.source, object.metadata);
  json.erase("stringData");
  json["type"] = object.type;
  auto& data = json["data"] = nlohmann::ordered_json::object();
  for (const auto& [key, value] : object.data) data[key] = encode_base64(value);
  return json_text(json);
}

}  // namespace tandem::manifest
