#include <algorithm>

#include "pods/manifest/names.hpp"
#include "pods/plan/expand.hpp"
#include "pods/plan/planning.hpp"

namespace tandem::plan {

namespace {

constexpr const char* default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

bool has(const std::vector<EnvironmentEntry>& entries, const std::string& name) {
  return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) { return entry.name == name; });
}

// The last one of a name wins, in the place of the first.
void set(std::vector<EnvironmentEntry>& entries, EnvironmentEntry entry) {
  const auto same = std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.name == entry.name; });
  if (same == entries.end()) {
    entries.push_back(std::move(entry));
  } else {
    *same = std::move(entry);
  }
}

std::string apply_hint(const char* kind) {
  return std::string("write the ") + kind + " into the same file, or apply it first";
}

class Declared {
 public:
  Declared(const Planning& planning, const manifest::Container& container)
      : planning_(planning), container_(container) {}

  std::vector<EnvironmentEntry> all() {
    for (std::size_t i = 0; i < container_.env_from.size(); ++i) {
      add_source(container_.env_from[i], manifest::item(container_.path + ".envFrom", i));
    }
    for (std::size_t i = 0; i < container_.env.size(); ++i) {
      add_variable(container_.env[i], manifest::item(container_.path + ".env", i));
    }
    return std::move(out_);
  }

 private:
  const std::string& name_space() const { return planning_.pod.metadata.name_space; }

  void add(const std::string& path, EnvironmentEntry entry) {
    if (entry.value.find('\0') != std::string::npos) {
      return planning_.error(path, "the value of " + entry.name + " has a zero byte in it", "mount it as a file");
    }
    set(out_, std::move(entry));
  }

  void add_source(const manifest::EnvFrom& from, const std::string& path) {
    const std::map<std::string, std::string>* data = nullptr;
    if (from.from_secret) {
      const auto* secret = planning_.host.find_secret(name_space(), from.name);
      if (secret) data = &secret->data;
    } else {
      const auto* map = planning_.host.find_config_map(name_space(), from.name);
      if (map) data = &map->data;
    }
    const char* kind = from.from_secret ? "Secret" : "ConfigMap";
    if (!data) {
      if (from.optional || from.name.empty()) return;
      return planning_.error(path + (from.from_secret ? ".secretRef.name" : ".configMapRef.name"),
                             std::string("there is no ") + kind + " \"" + from.name + "\" in namespace " + name_space(),
                             apply_hint(kind));
    }
    for (const auto& [key, value] : *data) {
      const std::string name = from.prefix + key;
      if (manifest::why_no_variable_name(name).empty()) {
        add(path, {name, value, from.from_secret});
      } else {
        planning_.warning(path, "key \"" + name + "\" of " + kind + " \"" + from.name +
                                    "\" is left out: it cannot be a variable's name");
      }
    }
  }

  void add_variable(const manifest::EnvVar& variable, const std::string& path) {
    EnvironmentEntry entry{variable.name, "", false};
    if (!variable.value.empty()) {
      Expanded expanded = expand(variable.value, out_);
      entry.value = std::move(expanded.text);
      entry.secret = expanded.secret;
    } else if (variable.field) {
      entry.value = pod_field(planning_, variable.field->field_path).value_or("");
    } else if (variable.resource) {
      entry.value = resource_field(planning_, *variable.resource, &container_);
    } else if (variable.config_map) {
      const auto* map = planning_.host.find_config_map(name_space(), variable.config_map->name);
      if (!take_key(*variable.config_map, "ConfigMap", map ? &map->data : nullptr, path + ".valueFrom.configMapKeyRef",
                    entry.value)) {
        return;
      }
    } else if (variable.secret) {
      const auto* secret = planning_.host.find_secret(name_space(), variable.secret->name);
      if (!take_key(*variable.secret, "Secret", secret ? &secret->data : nullptr, path + ".valueFrom.secretKeyRef",
                    entry.value)) {
        return;
      }
      entry.secret = true;
    }
    add(path, std::move(entry));
  }

  // False: no such key; a problem, unless it is optional.
  bool take_key(const manifest::KeyRef& ref, const char* kind, const std::map<std::string, std::string>* data,
                const std::string& path, std::string& value) {
    const auto found = data ? data->find(ref.key) : std::map<std::string, std::string>::const_iterator{};
    if (data && found != data->end()) {
      value = found->second;
      return true;
    }
    if (ref.optional) return false;
    if (!data) {
      planning_.error(path + ".name",
                      std::string("there is no ") + kind + " \"" + ref.name + "\" in namespace " + name_space(),
                      apply_hint(kind));
      return false;
    }
    std::vector<std::string> keys;
    for (const auto& entry : *data) keys.push_back(entry.first);
    const std::string near = closest(ref.key, keys);
    planning_.error(path + ".key", std::string(kind) + " \"" + ref.name + "\" has no key \"" + ref.key + "\"",
                    near.empty() ? "" : "did you mean \"" + near + "\"?");
    return false;
  }

  const Planning& planning_;
  const manifest::Container& container_;
  std::vector<EnvironmentEntry> out_;
};

}  // namespace

std::vector<EnvironmentEntry> declared_environment(const Planning& planning, const manifest::Container& container) {
  return Declared(planning, container).all();
}

std::vector<EnvironmentEntry> whole_environment(const Planning& planning, const std::vector<EnvironmentEntry>& declared,
                                                const std::vector<std::string>& of_image, const std::string& home) {
  std::vector<EnvironmentEntry> out;
  for (const std::string& assignment : of_image) {
    const std::size_t equals = std::min(assignment.find('='), assignment.size());
    const std::size_t value = std::min(equals + 1, assignment.size());
    if (equals > 0) set(out, {assignment.substr(0, equals), assignment.substr(value), false});
  }
  if (!has(out, "PATH")) out.push_back({"PATH", default_path, false});
  set(out, {"HOSTNAME", planning.plan.hostname, false});
  for (const EnvironmentEntry& entry : declared) set(out, entry);
  if (!has(out, "HOME")) out.push_back({"HOME", home.empty() ? "/" : home, false});
  return out;
}

}  // namespace tandem::plan
