#include "core/run/config_keys.hpp"

#include <algorithm>
#include <set>

#include "core/config/scalar.hpp"
#include "core/observe/mask.hpp"
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

Node value_of(const std::string& type, const std::string& text, const std::string& variable) {
  static const std::set<std::string> scalars = {"integer", "number", "boolean", "bytes", "duration"};
  Node value;
  value.kind = Node::Kind::string;
  value.text = text;
  if (scalars.contains(type)) {
    const auto first = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    value.text = text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
    if (!value.text.empty()) value.kind = resolve_plain_scalar(value.text);
  }
  if (type.find("list of") == std::string::npos && !type.starts_with("map")) return value;
  Problems unreadable;
  auto documents = parse_yaml(text, variable, unreadable);
  if (unreadable.has_errors() || documents.size() != 1 || documents[0].root.is_scalar()) return value;
  documents[0].root.mark = {};
  return documents[0].root;
}

void add_texts(const Node& node, bool keys_too, std::vector<std::string>& texts) {
  if (node.is_scalar() && !node.text.empty()) texts.push_back(node.text);
  for (const auto& item : node.items) add_texts(item, keys_too, texts);
  for (const auto& member : node.members) {
    if (keys_too) texts.push_back(member.key);  // {hunter2} is what becomes of it without quotes
    add_texts(member.value, keys_too, texts);
  }
}

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  std::string replaced;
  std::size_t from = 0;
  for (std::size_t at = 0; (at = text.find(what, from)) != std::string::npos; from = at + what.size())
    replaced.append(text, from, at - from).append(with);
  if (from > 0) text = replaced.append(text, from);
}

}  // namespace

const ConfigTable& common_keys() {
  static const ConfigTable keys = {
      {"admin.listen", "address", "", "Where /healthz, /readyz, /metrics and /configz are served; absent: nowhere."},
      {"admin.hosts", "list of names", "",
       "Further names that the admin port is asked by, as a Service's. Without them it answers to addresses, "
       "localhost, "
       "the machine's name and POD_NAME: a page in a browser may have another name lead here (DNS rebinding)."},
      {"log.level", "debug|info|warning|error", "info", "The least level that is logged."},
      {"drain.timeout", "duration", "25s",
       "How long SIGTERM waits for the work in hand; below the pod's grace period."},
  };
  return keys;
}

void validate_keys(const Document& config, const ConfigTable& table, Problems& problems) {
  auto all = with_common(table);
  each_member(config.root, "", [&](const std::string& path, const std::string& place, const Member& member) {
    if (is_known(path, all)) return true;
    if (problems.full(config.file)) {
      problems.add(
          {config.file, member.key_mark, place, "unknown field " + shown_key(member.key), "", Severity::error});
      return false;
    }
    auto known = known_below(parent_of(path), all);
    auto near = closest(member.key, known);
    std::string hint = "known here: ";
    for (const auto& name : known) hint += (&name == known.data() ? "" : ", ") + name;
    if (!near.empty()) hint = "did you mean \"" + near + "\"?";
    problems.add(
        {config.file, member.key_mark, place, "unknown field " + shown_key(member.key), hint, Severity::error});
    return false;
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
    set_at(config.root, key.path, value_of(key.type, text, name));
  }
}

bool is_secret(const std::string& path, const ConfigTable& table) {
  return std::any_of(table.begin(), table.end(), [&](const ConfigKey& key) {
    return key.secret && (path == key.path || is_below(path, key.path));
  });
}

void mask_secrets(Problems& problems, const Document& config, const ConfigTable& table) {
  constexpr std::size_t least_found_anywhere = 4;  // shorter ones are parts of words
  std::vector<std::string> texts;
  each_member(config.root, "", [&](const std::string& path, const std::string&, const Member& member) {
    const auto key =
        std::find_if(table.begin(), table.end(), [&](const ConfigKey& k) { return k.secret && k.path == path; });
    if (key != table.end()) add_texts(member.value, !key->type.starts_with("map"), texts);
    return true;
  });
  const auto before = [](const auto& a, const auto& b) { return a.size() != b.size() ? a.size() > b.size() : a < b; };
  std::sort(texts.begin(), texts.end(), before);
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  problems.edit([&](Problem& problem) {
    for (std::string* const said : {&problem.message, &problem.hint}) {
      for (const auto& text : texts) {
        if (text.size() > said->size()) continue;
        replace_all(*said, "\"" + text + "\"", "\"***\"");
        if (text.size() >= least_found_anywhere) replace_all(*said, text, "***");
      }
      *said = observe::mask_credentials(*said);
    }
  });
}

std::vector<std::string> unused_keys(const Document& config, const ConfigTable& table) {
  std::set<std::string> used;
  each_member(config.root, "", [&](const std::string& path, const std::string&, const Member&) {
    used.insert(path);
    return true;
  });
  std::vector<std::string> unused;
  for (const auto& key : table)
    if (!used.contains(key.path)) unused.push_back(key.path);
  return unused;
}

}  // namespace tandem::run
