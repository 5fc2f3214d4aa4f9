#include <algorithm>

#include "pods/manifest/capabilities.hpp"
#include "pods/manifest/decode_pod.hpp"

namespace tandem::manifest {

namespace {

std::vector<std::string> decode_capabilities(const Fields& fields, const char* key) {
  std::vector<std::string> out = fields.texts(key);
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::string name = out[i].starts_with("CAP_") ? out[i].substr(4) : out[i];
    if (name == "ALL") {
      out[i] = "ALL";
      continue;
    }
    if (std::find(all_capabilities.begin(), all_capabilities.end(), name) == all_capabilities.end()) {
      const std::string near = closest(name, {all_capabilities.begin(), all_capabilities.end()});
      fields.decoding().error(item(fields.path(key), i), "\"" + out[i] + "\" is no capability",
                              near.empty() ? "capabilities(7) lists them" : "did you mean \"" + near + "\"?");
    }
    out[i] = "CAP_" + name;
  }
  return out;
}

Seccomp decode_seccomp(const Fields& security) {
  const Fields profile = security.object("seccompProfile");
  if (!security.has("seccompProfile")) return Seccomp::unset;
  if (!profile.has("type")) profile.error("type", "is required");
  const std::string type = profile.choice("type", "", {"RuntimeDefault", "Unconfined", "Localhost"});
  if (type == "Localhost") {
    profile.error("type", "Localhost is a value that Tandem does not support yet", "use RuntimeDefault or Unconfined");
  }
  return type == "Unconfined" ? Seccomp::unconfined : Seccomp::runtime_default;
}

std::optional<std::int64_t> decode_id(const Fields& fields, const char* key) {
  if (!fields.integer(key)) return std::nullopt;
  return fields.integer(key, 0, 0, INT32_MAX);
}

}  // namespace

SecurityContext decode_security(const Fields& container) {
  const Fields security = container.object("securityContext");
  const Fields kept = security.object("capabilities");
  SecurityContext out;
  out.add = decode_capabilities(kept, "add");
  out.drop = decode_capabilities(kept, "drop");
  out.privileged = security.boolean("privileged");
  out.run_as_non_root = security.boolean("runAsNonRoot");
  out.read_only_root_filesystem = security.boolean("readOnlyRootFilesystem");
  out.allow_privilege_escalation = security.boolean("allowPrivilegeEscalation");
  out.run_as_user = decode_id(security, "runAsUser");
  out.run_as_group = decode_id(security, "runAsGroup");
  out.seccomp = decode_seccomp(security);
  if (out.allow_privilege_escalation == false) {
    if (out.privileged == true) {
      security.error("allowPrivilegeEscalation", "cannot be false while privileged is true");
    }
    if (std::find(out.add.begin(), out.add.end(), "CAP_SYS_ADMIN") != out.add.end()) {
      security.error("allowPrivilegeEscalation", "cannot be false while SYS_ADMIN is added");
    }
  }
  return out;
}

PodSecurityContext decode_pod_security(const Fields& spec) {
  const Fields security = spec.object("securityContext");
  PodSecurityContext out;
  out.run_as_non_root = security.boolean("runAsNonRoot");
  out.run_as_user = decode_id(security, "runAsUser");
  out.run_as_group = decode_id(security, "runAsGroup");
  out.fs_group = decode_id(security, "fsGroup");
  out.seccomp = decode_seccomp(security);
  if (const Node* groups = security.node("supplementalGroups")) {
    for (std::size_t i = 0; i < groups->items.size(); ++i) {
      const auto group = groups->items[i].as_integer();
      if (!group) continue;
      if (*group < 0 || *group > INT32_MAX) {
        security.decoding().error(item(security.path("supplementalGroups"), i),
                                  std::to_string(*group) + " is out of range");
      } else {
        out.supplemental_groups.push_back(*group);
      }
    }
  }
  security.each("sysctls", [&](const Fields& sysctl) {
    const std::string name = sysctl.required("name");
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_./") != std::string::npos ||
        name.find("..") != std::string::npos) {
      sysctl.error("name", "\"" + name + "\" is no sysctl's name");
    }
    out.sysctls.emplace_back(name, sysctl.required("value"));
  });
  return out;
}

}  // namespace tandem::manifest
