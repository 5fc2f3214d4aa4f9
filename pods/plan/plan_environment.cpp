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

class Declared {
 public:
  Declared(const Planning& planning, const manifest::Container& container)
      : planning_(planning), container_(container) {}

  DeclaredEnvironment all() {
    for (const char* field : {".env", ".envFrom"}) {
      if (planning_.pod.source.refused(container_.path + field)) whole_ = false;
    }
    for (std::size_t i = 0; i < container_.env_from.size(); ++i) {
      add_source(container_.env_from[i], manifest::item(container_.path + ".envFrom", i));
    }
    for (std::size_t i = 0; i < container_.env.size(); ++i) {
      add_variable(container_.env[i], manifest::item(container_.path + ".env", i));
    }
    return {std::move(out_), whole_};
  }

 private:
  using Data = std::map<std::string, std::string>;
  struct Found {
    const Data* data = nullptr;  // null: there is no such object
    bool damaged = false;        // it has problems of its own: a key that is not there may be written all the same
  };

  const std::string& name_space() const { return planning_.pod.metadata.name_space; }

  Found find_config_map(const std::string& name) const {
    const auto* map = planning_.host.find_config_map(name_space(), name);
    return map ? Found{&map->data, map->source.refused("")} : Found{};
  }
  Found find_secret(const std::string& name) const {
    const auto* secret = planning_.host.find_secret(name_space(), name);
    return secret ? Found{&secret->data, secret->source.refused("")} : Found{};
  }

  void add(const std::string& path, EnvironmentEntry entry) {
    if (entry.value.find('\0') != std::string::npos) {
      return planning_.error(path, "the value of " + entry.name + " has a zero byte in it", "mount it as a file");
    }
    set(out_, std::move(entry));
  }

  void add_source(const manifest::EnvFrom& from, const std::string& path) {
    const Found found = from.from_secret ? find_secret(from.name) : find_config_map(from.name);
    const char* kind = from.from_secret ? "Secret" : "ConfigMap";
    if (found.damaged) whole_ = false;
    if (!found.data) {
      if (from.optional || from.name.empty()) return;
      whole_ = false;
      return planning_.no_object(path + (from.from_secret ? ".secretRef.name" : ".configMapRef.name"), kind, from.name);
    }
    for (const auto& [key, value] : *found.data) {
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
      if (!take_key(*variable.config_map, "ConfigMap", find_config_map(variable.config_map->name),
                    path + ".valueFrom.configMapKeyRef", entry.value)) {
        return;
      }
    } else if (variable.secret) {
      if (!take_key(*variable.secret, "Secret", find_secret(variable.secret->name), path + ".valueFrom.secretKeyRef",
                    entry.value)) {
        return;
      }
      entry.secret = true;
    }
    add(path, std::move(entry));
  }

  // False: no such key; a problem, unless it is optional.
  bool take_key(const manifest::KeyRef& ref, const char* kind, const Found& object, const std::string& path,
                std::string& value) {
    const Data* data = object.data;
    const auto found = data ? data->find(ref.key) : Data::const_iterator{};
    if (data && found != data->end()) {
      value = found->second;
      return true;
    }
    if (ref.optional) return false;
    whole_ = false;
    if (!data) {
      planning_.no_object(path + ".name", kind, ref.name);
      return false;
    }
    if (object.damaged) return false;
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
  bool whole_ = true;
};

}  // namespace

DeclaredEnvironment declared_environment(const Planning& planning, const manifest::Container& container) {
  return Declared(planning, container).all();
}

std::vector<EnvironmentEntry> whole_environment(const Planning& planning, const std::vector<EnvironmentEntry>& declared,
                                                const image::Image* image, const std::string& home) {
  std::vector<EnvironmentEntry> out;
  for (const std::string& assignment : image ? image->environment : std::vector<std::string>()) {
    const std::size_t equals = std::min(assignment.find('='), assignment.size());
    const std::size_t value = std::min(equals + 1, assignment.size());
    if (equals > 0) set(out, {assignment.substr(0, equals), assignment.substr(value), false});
  }
  if (image && !has(out, "PATH")) out.push_back({"PATH", default_path, false});
  set(out, {"HOSTNAME", planning.plan.hostname, false});
  for (const EnvironmentEntry& entry : declared) set(out, entry);
  if (image && !has(out, "HOME")) out.push_back({"HOME", home.empty() ? "/" : home, false});
  return out;
}

}  // namespace tandem::plan
