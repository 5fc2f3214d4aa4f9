#include <algorithm>
#include <cstdio>

#include "pods/plan/planning.hpp"

namespace tandem::plan {

namespace {

// Go's %q, which kubelet writes labels and annotations with.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (byte < 0x20 || byte == 0x7f) {
      char escape[5];
      std::snprintf(escape, sizeof escape, "\\x%02x", byte);
      out += escape;
    } else {
      out += c;
    }
  }
  return out += '"';
}

std::string format_map(manifest::TextMap map) {
  std::sort(map.begin(), map.end());
  std::string out;
  for (const auto& [key, value] : map) {
    if (!out.empty()) out += '\n';
    out += key + "=" + quoted(value);
  }
  return out;
}

// The KEY of "metadata.labels['KEY']".
std::optional<std::string> subscript(const std::string& path, std::string_view map) {
  const std::string front = std::string(map) + "['";
  if (!path.starts_with(front) || !path.ends_with("']")) return std::nullopt;
  return path.substr(front.size(), path.size() - front.size() - 2);
}

std::int64_t rounded_up(std::int64_t amount, std::int64_t divisor) {
  if (divisor <= 0) return amount;
  return amount / divisor + (amount % divisor != 0 ? 1 : 0);
}

}  // namespace

std::optional<std::string> pod_field(const Planning& planning, const std::string& path) {
  const manifest::Metadata& metadata = planning.pod.metadata;
  const Plan& plan = planning.plan;
  if (path == "metadata.name") return metadata.name;
  if (path == "metadata.namespace") return metadata.name_space;
  if (path == "metadata.uid") return plan.uid;
  if (path == "metadata.labels") return format_map(metadata.labels);
  if (path == "metadata.annotations") return format_map(metadata.annotations);
  if (path == "spec.nodeName") return plan.node_name;
  if (path == "spec.serviceAccountName") return planning.pod.spec.service_account_name;
  if (path == "status.hostIP" || path == "status.hostIPs") return plan.network.host_address;
  if (path == "status.podIP" || path == "status.podIPs") return plan.network.address;
  for (const auto& [name, map] :
       {std::pair{"metadata.labels", &metadata.labels}, std::pair{"metadata.annotations", &metadata.annotations}}) {
    if (const auto key = subscript(path, name)) {
      const std::string* value = manifest::find(*map, *key);
      return value ? *value : "";
    }
  }
  return std::nullopt;
}

std::string resource_field(const Planning& planning, const manifest::ResourceFieldRef& ref,
                           const manifest::Container* asking) {
  const manifest::PodSpec& spec = planning.pod.spec;
  for (const auto* containers : {&spec.init_containers, &spec.containers}) {
    for (const manifest::Container& container : *containers) {
      if (!ref.container.empty() && container.name == ref.container) asking = &container;
    }
  }
  if (!asking) return "";
  const bool limit = ref.resource.starts_with("limits.");
  const manifest::ResourceAmounts& amounts = limit ? asking->limits : asking->requests;
  const std::string divisor = ref.divisor.empty() || ref.divisor == "0" ? "1" : ref.divisor;
  if (ref.resource.ends_with(".cpu")) {
    const std::int64_t cpu = amounts.cpu ? amounts.cpu->value : limit ? planning.host.cpu.value : 0;
    return std::to_string(rounded_up(cpu, parse_millicores(divisor).value_or(Millicores{1000}).value));
  }
  const std::int64_t memory = amounts.memory ? amounts.memory->value : limit ? planning.host.memory.value : 0;
  return std::to_string(rounded_up(memory, parse_bytes(divisor).value_or(Bytes{1}).value));
}

}  // namespace tandem::plan
