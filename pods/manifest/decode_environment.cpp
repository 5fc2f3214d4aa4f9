#include <algorithm>
#include <array>

#include "core/text/words.hpp"
#include "pods/manifest/decode_pod.hpp"
#include "pods/manifest/names.hpp"

namespace tandem::manifest {

namespace {

constexpr std::array env_fields{
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
    "status.hostIP", "status.hostIPs",     "status.podIP", "status.podIPs"};
constexpr std::array volume_fields{"metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels",
                                   "metadata.annotations"};

// metadata.labels['app'], metadata.annotations['x']
bool is_subscript(const std::string& path) {
  for (const std::string_view map : {"metadata.labels['", "metadata.annotations['"}) {
    if (path.starts_with(map) && path.ends_with("']") && path.size() > map.size() + 2) return true;
  }
  return false;
}

KeyRef decode_key_ref(const Fields& ref) {
  KeyRef out;
  out.name = ref.required("name", why_no_dns_subdomain);
  out.key = ref.required("key", why_no_object_key);
  out.optional = ref.boolean("optional", false);
  return out;
}

void decode_value_from(const Fields& variable, EnvVar& out) {
  const Fields from = variable.object("valueFrom");
  int sources = 0;
  if (from.has("fieldRef")) ++sources, out.field = decode_field_ref(from.object("fieldRef"), false);
  if (from.has("resourceFieldRef")) {
    ++sources, out.resource = decode_resource_field_ref(from.object("resourceFieldRef"), false);
  }
  if (from.has("configMapKeyRef")) ++sources, out.config_map = decode_key_ref(from.object("configMapKeyRef"));
  if (from.has("secretKeyRef")) ++sources, out.secret = decode_key_ref(from.object("secretKeyRef"));
  if (sources != 1) {
    variable.error("valueFrom", sources == 0 ? "has no source" : "has more than one source",
                   "exactly one of: fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef");
  }
  if (variable.has("value") && !out.value.empty()) {
    variable.error("valueFrom", "must not be given together with value");
  }
}

}  // namespace

FieldRef decode_field_ref(const Fields& field, bool for_volume) {
  field.choice("apiVersion", "v1", {"v1"});
  FieldRef out{field.required("fieldPath")};
  const std::string& path = out.field_path;
  const auto in = [&](const auto& known) { return std::find(known.begin(), known.end(), path) != known.end(); };
  if (path.empty() || is_subscript(path) || (for_volume ? in(volume_fields) : in(env_fields))) return out;
  std::vector<std::string> known;
  if (for_volume) known.assign(volume_fields.begin(), volume_fields.end());
  if (!for_volume) known.assign(env_fields.begin(), env_fields.end());
  known.insert(known.end(), {"metadata.labels['KEY']", "metadata.annotations['KEY']"});
  field.error("fieldPath", "\"" + path + "\" is not supported", "one of: " + joined(known, ", "));
  return out;
}

ResourceFieldRef decode_resource_field_ref(const Fields& field, bool for_volume) {
  ResourceFieldRef out;
  out.container = field.text("containerName");
  if (for_volume && out.container.empty()) field.error("containerName", "is required");
  out.resource = field.required("resource");
  if (!out.resource.empty()) {
    field.choice("resource", "", {"limits.cpu", "limits.memory", "requests.cpu", "requests.memory"});
  }
  if (const Node* divisor = field.node("divisor")) out.divisor = divisor->text;
  return out;
}

std::vector<EnvVar> decode_environment(const Fields& container) {
  std::vector<EnvVar> out;
  container.each("env", [&](const Fields& variable) {
    EnvVar& entry = out.emplace_back();
    entry.name = variable.required("name", why_no_variable_name);
    entry.value = variable.text("value");
    if (variable.has("valueFrom")) decode_value_from(variable, entry);
  });
  return out;
}

std::vector<EnvFrom> decode_environment_sources(const Fields& container) {
  std::vector<EnvFrom> out;
  container.each("envFrom", [&](const Fields& from) {
    EnvFrom& entry = out.emplace_back();
    entry.prefix = from.text("prefix", why_no_variable_name);
    const bool config_map = from.has("configMapRef"), secret = from.has("secretRef");
    if (config_map == secret) {
      from.decoding().error(from.path(), config_map ? "has more than one source" : "has no source",
                            "exactly one of: configMapRef, secretRef");
      if (!config_map) return;
    }
    const auto take = [&](const char* key) {
      const Fields ref = from.object(key);
      entry.name = ref.required("name", why_no_dns_subdomain);
      entry.optional = ref.boolean("optional", false);
    };
    entry.from_secret = secret;
    if (config_map) take("configMapRef");
    if (secret) take("secretRef");
  });
  return out;
}

}  // namespace tandem::manifest
