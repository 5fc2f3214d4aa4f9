#include "pods/manifest/api_fields.hpp"

#include <algorithm>

namespace tandem::manifest {

namespace {

constexpr ApiField table[] = {
#include "pods/manifest/fields.inc"
};

constexpr std::string_view init_containers = "spec.initContainers[]";
constexpr std::string_view containers_path = "spec.containers[]";

bool is_of_every_kind(std::string_view path) {
  return path == "apiVersion" || path == "kind" || path == "metadata" || path.starts_with("metadata.");
}

std::string full_path(std::string_view kind, std::string_view path) {
  std::string full(is_of_every_kind(path) ? "Object" : kind);
  full += '/';
  if (path.starts_with(init_containers)) {
    full += containers_path;
    path.remove_prefix(init_containers.size());
  }
  return full += path;
}

void add_names_below(const std::string& prefix, std::vector<std::string>& names) {
  const auto less = [](const ApiField& field, std::string_view path) { return field.path < path; };
  auto field = std::lower_bound(std::begin(table), std::end(table), prefix, less);
  for (; field != std::end(table) && field->path.starts_with(prefix); ++field) {
    const std::string_view name = field->path.substr(prefix.size());
    if (name.find('.') == std::string_view::npos) names.emplace_back(name);
  }
}

}  // namespace

std::span<const ApiField> api_fields() { return table; }

const ApiField* find_field(std::string_view kind, std::string_view path) {
  const std::string full = full_path(kind, path);
  const auto less = [](const ApiField& field, std::string_view wanted) { return field.path < wanted; };
  const auto found = std::lower_bound(std::begin(table), std::end(table), full, less);
  return found != std::end(table) && found->path == full ? found : nullptr;
}

std::vector<std::string> names_below(std::string_view kind, std::string_view path) {
  std::vector<std::string> names;
  if (path.empty()) {
    add_names_below("Object/", names);
    add_names_below(std::string(kind) + "/", names);
  } else {
    add_names_below(full_path(kind, path) + ".", names);
  }
  return names;
}

std::string without_indexes(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    out += path[i];
    if (path[i] == '[') i = std::min(path.find(']', i), path.size()) - 1;
  }
  if (out.starts_with(init_containers)) out.replace(0, init_containers.size(), containers_path);
  return out;
}

}  // namespace tandem::manifest
