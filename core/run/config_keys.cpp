#include "core/run/config_keys.hpp"

#include <algorithm>
#include <set>

#include "core/run/config_path.hpp"

namespace tandem::run {

namespace {

ConfigTable with_common(const ConfigTable& table) {
  ConfigTable all = table;
  all.insert(all.end(), common_keys().begin(), common_keys().end());
  return all;
}

bool is_below(const std::string& path, const std::string& ancestor) {
  return path.size() > ancestor.size() && path.starts_with(ancestor) &&
         (path[ancestor.size()] == '.' || path[ancestor.size()] == '[');
}

bool is_known(const std::string& path, const ConfigTable& table) {
  return std::any_of(table.begin(), table.end(), [&](const ConfigKey& key) {
    return key.path == path || is_below(key.path, path) || (key.type.starts_with("map") && is_below(path, key.path));
  });
}

std::string parent_of(const std::string& path) {
  auto dot = path.rfind('.');
  return dot == std::string::npos ? "" : path.substr(0, dot);
}

// The keys that may stand in the mapping at `parent`.
std::vector<std::string> known_below(const std::string& parent, const ConfigTable& table) {
  std::set<std::string> names;
  auto prefix = parent.empty() ? "" : parent + ".";
  for (const auto& key : table)
    if (key.path.starts_with(prefix)) {
      auto rest = key.path.substr(prefix.size());
      names.insert(rest.substr(0, rest.find_first_of(".[")));
    }
  return {names.begin(), names.end()};
}

}  // namespace

const ConfigTable& common_keys() {
  static const ConfigTable keys = {
      {"admin.listen", "address", "", "Where /healthz, /readyz, /metrics and /configz are served; absent: nowhere."},
      {"log.level", "debug|info|warning|error", "info", "The least level that is logged."},
      {"drain.timeout", "duration", "25s",
       "How long SIGTERM waits for the work in hand; below the pod's grace period."},
  };
  return keys;
}

void validate_keys(const Document& config, const ConfigTable& table, Problems& problems) {
  auto all = with_common(table);
  std::vector<std::string> unknown;
  each_member(config.root, "", [&](const std::string& path, const std::string& place, const Member& member) {
    if (is_known(path, all)) return;
    bool told = std::any_of(unknown.begin(), unknown.end(), [&](const auto& above) { return is_below(path, above); });
    if (told) return;
    unknown.push_back(path);
    auto known = known_below(parent_of(path), all);
    auto near = closest(member.key, known);
    std::string hint = "known here: ";
    for (const auto& name : known) hint += (&name == known.data() ? "" : ", ") + name;
    if (!near.empty()) hint = "did you mean \"" + near + "\"?";
    problems.add({config.file, member.key_mark, place, "unknown field \"" + member.key + "\"", hint, Severity::error});
  });
}

Reader read_config(const Document& config, Problems& problems) {
  Reader reader(config.root, config.file, "", problems);
  for (const auto& key : common_keys()) reader.allow(key.path.substr(0, key.path.find('.')));
  return reader;
}

std::string environment_name(const std::string& program, const std::string& path) {
  if (path.find("[]") != std::string::npos) return "";
  std::string name;
  for (char c : program + "_" + path) {
    if (c >= 'A' && c <= 'Z') name += '_';  // camelCase
    name += c == '-' || c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return name;
}

void apply_environment(Document& config, const std::string& program, const ConfigTable& table,
                       const std::function<const char*(const std::string&)>& lookup) {
  for (const auto& key : with_common(table)) {
    auto name = environment_name(program, key.path);
    const char* text = name.empty() ? nullptr : lookup(name);
    if (!text) continue;
    Problems unreadable;
    auto documents = parse_yaml(text, name, unreadable);
    Node value;
    if (!unreadable.has_errors() && documents.size() == 1) {
      value = documents[0].root;
      value.mark = {};
    } else {
      value.kind = Node::Kind::string;
      value.text = text;
    }
    set_at(config.root, key.path, std::move(value));
  }
}

std::vector<std::string> unused_keys(const Document& config, const ConfigTable& table) {
  std::set<std::string> used;
  each_member(config.root, "", [&](const std::string& path, const std::string&, const Member&) { used.insert(path); });
  std::vector<std::string> unused;
  for (const auto& key : table)
    if (!used.contains(key.path)) unused.push_back(key.path);
  return unused;
}

}  // namespace tandem::run
