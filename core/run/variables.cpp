#include "core/run/variables.hpp"

#include <algorithm>
#include <string_view>

namespace tandem::run {

namespace {

std::vector<std::string> variables_of(const Program& program) {
  std::vector<std::string> known{environment_name(program.name, "config")};
  for (const ConfigTable* table : {&program.config, &common_keys()})
    for (const auto& key : *table)
      if (auto name = environment_name(program.name, key.path); !name.empty()) known.push_back(std::move(name));
  return known;
}

// Of a Service that is named like the program or begins so; `rest` is what stands behind the program's name.
bool is_of_service(const std::string& rest, const char* value) {
  if (rest.ends_with("SERVICE_HOST") || rest.find("SERVICE_PORT") != std::string::npos) return true;
  if (rest.ends_with("PORT") && value && std::string_view(value).find("://") != std::string_view::npos) return true;
  for (std::size_t at = 0; (at = rest.find("PORT_", at)) != std::string::npos;) {  // PORT_6379_TCP, PORT_6379_TCP_ADDR
    at += 5;
    const std::size_t end = std::min(rest.find_first_not_of("0123456789", at), rest.size());
    for (const char* protocol : {"_TCP", "_UDP", "_SCTP"})
      if (end > at && rest.compare(end, std::string_view(protocol).size(), protocol) == 0) return true;
  }
  return false;
}

// items[3].name: a table's items[].name
std::string table_path(const std::string& path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    out += path[i];
    if (path[i] == '[') i = std::min(path.find(']', i), path.size()) - 1;
  }
  return out;
}

}  // namespace

void check_variables(const Program& program, const std::vector<std::string>& names, const Lookup& lookup,
                     Problems& problems) {
  constexpr std::size_t longest_name = 128;
  const std::string prefix = environment_name(program.name, "");
  const auto known = variables_of(program);
  std::vector<std::string> rests;
  for (const auto& name : known) rests.push_back(name.substr(prefix.size()));
  for (const auto& name : names) {
    if (!name.starts_with(prefix) || name.size() > longest_name) continue;
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string rest = name.substr(prefix.size());
    if (is_of_service(rest, lookup(name))) continue;
    const std::string near = closest(rest, rests);
    problems.add({"",
                  {},
                  "",
                  "the variable " + shown_key(name) + " is no key's and has no effect",
                  near.empty() ? "see --help for those that are" : "did you mean \"" + prefix + near + "\"?",
                  Severity::warning});
  }
}

void name_variables(const Program& program, const Lookup& lookup, Problems& problems) {
  problems.edit([&](Problem& problem) {
    const std::string path = table_path(problem.path);
    for (const ConfigTable* table : {&program.config, &common_keys()})
      for (const auto& key : *table) {
        const bool is_its =
            path.starts_with(key.path) &&
            (path.size() == key.path.size() || path[key.path.size()] == '.' || path[key.path.size()] == '[');
        const auto name = is_its ? environment_name(program.name, key.path) : "";
        if (!name.empty() && lookup(name)) problem.file = name;
      }
  });
}

}  // namespace tandem::run
