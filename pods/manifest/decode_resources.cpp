#include "pods/manifest/decode_pod.hpp"

namespace tandem::manifest {

namespace {

ResourceAmounts decode_amounts(const Fields& resources, const char* key) {
  ResourceAmounts out;
  const Node* amounts = resources.node(key);
  if (!amounts) return out;
  for (const Member& member : amounts->members) {
    const std::string where = below(resources.path(key), member.key);
    const auto bytes = parse_bytes(member.value.text);
    if (!bytes) continue;
    if (bytes->value < 0) {
      resources.decoding().error(where, "must not be negative");
    } else if (member.key == "cpu") {
      out.cpu = parse_millicores(member.value.text);
    } else if (member.key == "memory") {
      out.memory = bytes;
    } else if (member.key == "ephemeral-storage") {
      if (resources.decoding().validation == Validation::ignore) continue;
      resources.decoding().source.warning(resources.decoding().problems, where,
                                          "has no effect: disk use is not limited");
    } else {
      const bool strict = resources.decoding().validation == Validation::strict;
      const std::string known = closest(member.key, {"cpu", "memory", "ephemeral-storage"});
      resources.decoding().problems.add(
          {resources.decoding().source.file(), member.key_mark, where, "is a resource that Tandem does not have",
           known.empty() ? "cpu and memory are limited" : "did you mean \"" + known + "\"?",
           strict ? Severity::error : Severity::warning});
    }
  }
  return out;
}

template <class Amount>
void check_request(const Fields& resources, const char* name, const std::optional<Amount>& request,
                   const std::optional<Amount>& limit) {
  if (!request || !limit || request->value <= limit->value) return;
  resources.decoding().error(resources.path("requests") + "." + name,
                             to_string(*request) + " is more than the limit, " + to_string(*limit));
}

}  // namespace

void decode_resources(const Fields& container, Container& out) {
  const Fields resources = container.object("resources");
  out.limits = decode_amounts(resources, "limits");
  out.requests = decode_amounts(resources, "requests");
  check_request(resources, "cpu", out.requests.cpu, out.limits.cpu);
  check_request(resources, "memory", out.requests.memory, out.limits.memory);
  if (!out.requests.cpu) out.requests.cpu = out.limits.cpu;
  if (!out.requests.memory) out.requests.memory = out.limits.memory;
}

}  // namespace tandem::manifest
