#include "pods/image/oci.hpp"

#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "core/os/error.hpp"

namespace tandem::image {

namespace {

using nlohmann::json;

constexpr const char* remedy = "the image store is damaged: remove the image and make it again";

[[noreturn]] void refuse(const std::string& object, const std::string& cause) {
  throw Error(Fault::environment, "read", object, cause, remedy);
}

json parse_object(std::string_view text, const std::string& object) {
  json document = parse_json(text);
  if (document.is_discarded()) refuse(object, "it is not JSON");
  if (!document.is_object()) refuse(object, "it is not a JSON object");
  return document;
}

// Go's encoder writes null for empty lists and maps, so null counts as absent everywhere.
const json* field(const json& parent, const char* key) {
  const auto found = parent.find(key);
  return found == parent.end() || found->is_null() ? nullptr : &*found;
}

std::string string_field(const json& parent, const char* key, const std::string& object) {
  const json* value = field(parent, key);
  if (!value) return "";
  if (!value->is_string()) refuse(object, std::string(key) + " is not a string");
  return value->get<std::string>();
}

std::vector<std::string> strings_field(const json& parent, const char* key, const std::string& object) {
  std::vector<std::string> strings;
  const json* value = field(parent, key);
  if (!value) return strings;
  if (!value->is_array()) refuse(object, std::string(key) + " is not a list");
  for (const json& item : *value) {
    if (!item.is_string()) refuse(object, std::string(key) + " has an item that is not a string");
    strings.push_back(item.get<std::string>());
  }
  return strings;
}

std::map<std::string, std::string> map_field(const json& parent, const char* key, const std::string& object) {
  std::map<std::string, std::string> map;
  const json* value = field(parent, key);
  if (!value) return map;
  if (!value->is_object()) refuse(object, std::string(key) + " is not a mapping");
  for (const auto& [name, item] : value->items()) {
    if (!item.is_string()) refuse(object, std::string(key) + " has a value that is not a string");
    map[name] = item.get<std::string>();
  }
  return map;
}

std::string checked_digest(std::string digest, const std::string& object) {
  if (digest_hex(digest).empty()) refuse(object, "\"" + digest + "\" is not a sha256 digest");
  return digest;
}

Descriptor descriptor(const json& value, const std::string& object) {
  if (!value.is_object()) refuse(object, "a descriptor is not a mapping");
  Descriptor result;
  result.media_type = string_field(value, "mediaType", object);
  result.digest = checked_digest(string_field(value, "digest", object), object);
  if (const json* size = field(value, "size")) {
    if (!size->is_number_unsigned()) refuse(object, "a size is not a positive integer");
    result.size_bytes = size->get<std::uint64_t>();
  }
  result.annotations = map_field(value, "annotations", object);
  return result;
}

std::vector<Descriptor> descriptors(const json& parent, const char* key, const std::string& object) {
  std::vector<Descriptor> result;
  const json* list = field(parent, key);
  if (!list) return result;
  if (!list->is_array()) refuse(object, std::string(key) + " is not a list");
  for (const json& item : *list) result.push_back(descriptor(item, object));
  return result;
}

}  // namespace

std::string digest_hex(std::string_view digest) {
  constexpr std::string_view prefix = "sha256:";
  if (!digest.starts_with(prefix) || digest.size() != prefix.size() + 64) return "";
  digest.remove_prefix(prefix.size());
  return digest.find_first_not_of("0123456789abcdef") == digest.npos ? std::string(digest) : "";
}

std::vector<Descriptor> parse_index(std::string_view text, const std::string& object) {
  return descriptors(parse_object(text, object), "manifests", object);
}

Manifest parse_manifest(std::string_view text, const std::string& object) {
  const json document = parse_object(text, object);
  const json* config = field(document, "config");
  if (!config) refuse(object, "it is not an image manifest: it has no config");
  return {descriptor(*config, object), descriptors(document, "layers", object)};
}

ImageConfig parse_image_config(std::string_view text, const std::string& object) {
  const json document = parse_object(text, object);
  ImageConfig result;
  result.created = string_field(document, "created", object);
  result.architecture = string_field(document, "architecture", object);
  result.os = string_field(document, "os", object);
  const json* rootfs = field(document, "rootfs");
  if (!rootfs || !rootfs->is_object()) refuse(object, "it is not an image config: it has no rootfs");
  for (std::string& id : strings_field(*rootfs, "diff_ids", object))
    result.diff_ids.push_back(checked_digest(std::move(id), object));
  const json* config = field(document, "config");
  if (!config) return result;
  if (!config->is_object()) refuse(object, "config is not a mapping");
  result.entrypoint = strings_field(*config, "Entrypoint", object);
  result.command = strings_field(*config, "Cmd", object);
  result.environment = strings_field(*config, "Env", object);
  result.working_directory = string_field(*config, "WorkingDir", object);
  result.stop_signal = string_field(*config, "StopSignal", object);
  result.user = string_field(*config, "User", object);
  result.labels = map_field(*config, "Labels", object);
  return result;
}

}  // namespace tandem::image
