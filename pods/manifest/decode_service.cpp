#include <algorithm>
#include <charconv>

#include "pods/manifest/decode_metadata.hpp"
#include "pods/manifest/decode_objects.hpp"
#include "pods/manifest/names.hpp"

namespace tandem::manifest {

namespace {

void decode_address(const Fields& spec, Service& out) {
  const std::string type = spec.text("type", "ClusterIP");
  if (type == "NodePort" || type == "LoadBalancer" || type == "ExternalName") {
    spec.error("type", type + " is a value that Tandem does not support yet",
               "use ClusterIP; a container's hostPort is "
               "reachable from outside");
  } else if (type != "ClusterIP") {
    spec.error("type", "\"" + type + "\" is not supported", "one of: ClusterIP");
  }
  const std::string address = spec.text("clusterIP");
  out.headless = address == "None";
  if (!address.empty() && !out.headless) {
    spec.error("clusterIP", "a Service has no address of its own in Tandem: its name stands for the pods' addresses",
               "remove it, or write None");
  }
  for (const std::string& other : spec.texts("clusterIPs")) {
    if (other != "None") spec.error("clusterIPs", "a Service has no address of its own in Tandem", "remove it");
    if (other == "None" && !out.headless) spec.error("clusterIPs", "does not agree with clusterIP");
  }
}

void decode_ports(const Fields& spec, Service& out) {
  std::vector<std::string> names;
  const Node* ports = spec.node("ports");
  const bool many = ports && ports->items.size() > 1;
  spec.each("ports", [&](const Fields& port) {
    ServicePort& entry = out.ports.emplace_back();
    entry.name = port.text("name", why_no_dns_label);
    if (many && entry.name.empty()) port.error("name", "is required while there is more than one port");
    if (!entry.name.empty() && std::find(names.begin(), names.end(), entry.name) != names.end()) {
      port.error("name", "\"" + entry.name + "\" is the name of two ports");
    }
    names.push_back(entry.name);
    entry.protocol = port.choice("protocol", "TCP", {"TCP", "UDP"});
    if (!port.has("port")) port.error("port", "is required");
    entry.port = static_cast<int>(port.integer("port", 0, 1, 65535));
    const Node* target = port.node("targetPort");
    if (!target) return;
    entry.target = target->text;
    if (target->kind != Node::Kind::string) {
      entry.target = std::to_string(port.integer("targetPort", 0, 1, 65535));
    } else if (const auto reason = why_no_port_name(entry.target); !reason.empty()) {
      port.error("targetPort", "\"" + entry.target + "\" " + reason);
    }
  });
}

bool is_number(const std::string& text) {
  return !text.empty() && text[0] >= '0' && text[0] <= '9' && text.find_first_not_of("0123456789") == std::string::npos;
}

// The number behind a named target port, in the pods that the service selects. 0: unknown.
int resolve(const Service& service, const std::string& name, const std::vector<Pod>& pods) {
  for (const Pod& pod : pods) {
    if (pod.metadata.name_space != service.metadata.name_space) continue;
    if (!selects(service.selector, pod.metadata.labels)) continue;
    for (const auto* containers : {&pod.spec.init_containers, &pod.spec.containers}) {
      for (const Container& container : *containers) {
        for (const ContainerPort& port : container.ports) {
          if (port.name == name) return port.container_port;
        }
      }
    }
  }
  return 0;
}

}  // namespace

Service decode_service(const Source& source, const Options& options, Problems& problems) {
  const Decoding decoding{source, problems, options.validation};
  const Fields object(&source.node(), "", decoding);
  Service out;
  out.source = source;
  out.metadata = decode_metadata(object, options, why_no_service_name);
  if (!object.has("spec")) object.error("spec", "is required");
  const Fields spec = object.object("spec");
  decode_address(spec, out);
  out.selector = spec.text_map("selector");
  if (out.selector.empty() && object.has("spec")) {
    spec.error("selector", "a Service without a selector is not supported yet",
               "its selector says which pods it names");
  }
  decode_ports(spec, out);
  if (!out.headless && out.ports.empty() && object.has("spec")) spec.error("ports", "is required");
  out.publish_not_ready_addresses = spec.boolean("publishNotReadyAddresses", false);
  return out;
}

void check_service(const Service& service, const std::vector<Pod>& pods, Problems& problems) {
  for (std::size_t i = 0; i < service.ports.size(); ++i) {
    const ServicePort& port = service.ports[i];
    if (port.target.empty() || port.target == std::to_string(port.port)) continue;
    const int number = is_number(port.target) ? -1 : resolve(service, port.target, pods);
    if (number == port.port) continue;
    const std::string path = item("spec.ports", i) + ".targetPort";
    const std::string target = number > 0 ? port.target + " (" + std::to_string(number) + ")" : port.target;
    const std::string message = "differs from port " + std::to_string(port.port) + ": " + target;
    const std::string hint =
        "a Service is a name for its pods' addresses here, so give both the port the container listens on";
    if (service.headless || number == 0) {
      service.source.warning(problems, path, message, hint);
    } else {
      service.source.error(problems, path, message, hint);
    }
  }
}

bool selects(const TextMap& selector, const TextMap& labels) {
  return !selector.empty() && std::all_of(selector.begin(), selector.end(), [&](const auto& wanted) {
    const std::string* value = find(labels, wanted.first);
    return value && *value == wanted.second;
  });
}

}  // namespace tandem::manifest
