#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "pods/manifest/manifest.hpp"
#include "pods/plan/planning.hpp"

namespace tandem::plan {

namespace {

using Json = nlohmann::ordered_json;

void set_default(Json& object, const char* key, Json value) {
  if (!object.contains(key) || object[key].is_null()) object[key] = std::move(value);
}

void fill_probe(Json& probe) {
  if (probe.contains("httpGet")) {
    set_default(probe["httpGet"], "path", "/");
    set_default(probe["httpGet"], "scheme", "HTTP");
  }
  set_default(probe, "timeoutSeconds", 1);
  set_default(probe, "periodSeconds", 10);
  set_default(probe, "successThreshold", 1);
  set_default(probe, "failureThreshold", 3);
}

// The API's rule: the tag "latest", or none, is pulled each time.
std::string pull_policy(const std::string& image) {
  if (image.find('@') != std::string::npos) return "IfNotPresent";
  const std::string name = image.substr(image.rfind('/') + 1);
  return name.find(':') == std::string::npos || name.ends_with(":latest") ? "Always" : "IfNotPresent";
}

void fill_container(Json& container) {
  for (const char* key : {"livenessProbe", "readinessProbe", "startupProbe"}) {
    if (container.contains(key) && container[key].is_object()) fill_probe(container[key]);
  }
  if (container.contains("ports") && container["ports"].is_array()) {
    for (Json& port : container["ports"]) set_default(port, "protocol", "TCP");
  }
  set_default(container, "resources", Json::object());
  set_default(container, "terminationMessagePath", "/dev/termination-log");
  set_default(container, "terminationMessagePolicy", "File");
  set_default(container, "imagePullPolicy", pull_policy(container.value("image", "")));
}

void fill_volume(Json& volume) {
  if (volume.size() == 1) volume["emptyDir"] = Json::object();
  for (const char* key : {"configMap", "secret", "downwardAPI"}) {
    if (volume.contains(key) && volume[key].is_object()) set_default(volume[key], "defaultMode", 420);
  }
}

}  // namespace

std::string applied_pod(const manifest::Pod& pod, const Host& host) {
  Json json = must_parse_json(manifest::to_json(pod));
  json.erase("status");
  Json& metadata = json["metadata"];
  metadata["uid"] = host.uid;
  if (!host.created.empty()) metadata["creationTimestamp"] = host.created;
  Json& spec = json["spec"];
  for (const char* key : {"initContainers", "containers"}) {
    if (!spec.contains(key)) continue;
    for (Json& container : spec[key]) fill_container(container);
  }
  if (spec.contains("volumes") && spec["volumes"].is_array()) {
    for (Json& volume : spec["volumes"]) fill_volume(volume);
  }
  set_default(spec, "restartPolicy", "Always");
  set_default(spec, "terminationGracePeriodSeconds", 30);
  set_default(spec, "dnsPolicy", "ClusterFirst");
  set_default(spec, "serviceAccountName", "default");
  set_default(spec, "securityContext", Json::object());
  set_default(spec, "schedulerName", "default-scheduler");
  set_default(spec, "enableServiceLinks", true);
  spec["nodeName"] = host.node_name;
  return json_text(json);
}

}  // namespace tandem::plan
