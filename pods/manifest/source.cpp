#include "pods/manifest/source.hpp"

#include <algorithm>
#include <charconv>

namespace tandem::manifest {

namespace {

// One step of a path, taken off its front; nullptr: nothing was written there.
const Node* step(const Node& node, std::string_view& path) {
  if (path.starts_with("[\"")) {
    const std::size_t end = path.find("\"]");
    if (end == std::string_view::npos) return nullptr;
    const std::string_view key = path.substr(2, end - 2);
    path.remove_prefix(end + 2);
    return node.find(key);
  }
  if (path.starts_with("[")) {
    const std::size_t end = path.find(']');
    if (end == std::string_view::npos) return nullptr;
    std::size_t index = 0;
    std::from_chars(path.data() + 1, path.data() + end, index);
    path.remove_prefix(end + 1);
    return node.is_sequence() && index < node.items.size() ? &node.items[index] : nullptr;
  }
  if (path.starts_with(".")) path.remove_prefix(1);
  const std::size_t end = std::min(path.find_first_of(".["), path.size());
  const std::string_view key = path.substr(0, end);
  path.remove_prefix(end);
  return node.find(key);
}

}  // namespace

const Node& Source::node() const {
  static const Node none;
  return node_ ? *node_ : none;
}

const Node* Source::at(std::string_view path) const {
  const Node* found = &node();
  while (found && !path.empty()) found = step(*found, path);
  return found;
}

Mark Source::mark(std::string_view path) const {
  const Node* deepest = &node();
  while (!path.empty()) {
    const Node* next = step(*deepest, path);
    if (!next) break;
    deepest = next;
  }
  return deepest->mark;
}

void Source::refuse(const Problems& own) {
  for (const Problem& problem : own.all()) {
    if (problem.severity == Severity::error) refused_.push_back(problem.path);
  }
}

bool Source::refused_at(std::string_view path) const {
  return std::find(refused_.begin(), refused_.end(), path) != refused_.end();
}

bool Source::refused(std::string_view path) const {
  return std::any_of(refused_.begin(), refused_.end(), [&](const std::string& each) {
    if (!std::string_view(each).starts_with(path)) return false;
    return path.empty() || each.size() == path.size() || each[path.size()] == '.' || each[path.size()] == '[';
  });
}

void Source::error(Problems& problems, std::string path, std::string message, std::string hint) const {
  const Mark place = mark(path);
  problems.add({file_, place, std::move(path), std::move(message), std::move(hint), Severity::error});
}

void Source::warning(Problems& problems, std::string path, std::string message, std::string hint) const {
  const Mark place = mark(path);
  problems.add({file_, place, std::move(path), std::move(message), std::move(hint), Severity::warning});
}

std::string below(std::string_view path, std::string_view key) {
  std::string out(path);
  if (key.find_first_of(".[") != std::string_view::npos) return out.append("[\"").append(key).append("\"]");
  if (!out.empty()) out += '.';
  return out.append(key);
}

std::string item(std::string_view path, std::size_t index) {
  return std::string(path) + "[" + std::to_string(index) + "]";
}

}  // namespace tandem::manifest
