#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "core/run/config_keys.hpp"
#include "core/run/config_path.hpp"

namespace tandem::run {

namespace {

// Plain only where no reader of YAML can take it for anything but this text.
bool can_be_plain(const std::string& text) {
  static const std::vector<std::string> taken = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"};
  if (text.empty() || !std::isalpha(static_cast<unsigned char>(text[0]))) return false;
  std::string lower;
  for (unsigned char c : text) {
    if (!std::isalnum(c) && c != '_' && c != '.' && c != '/' && c != '-') return false;
    lower += static_cast<char>(std::tolower(c));
  }
  return std::find(taken.begin(), taken.end(), lower) == taken.end();
}

std::string scalar_text(const Node& node) {
  if (node.is_null()) return "null";
  if (node.kind != Node::Kind::string || can_be_plain(node.text)) return node.text;
  return nlohmann::json(node.text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void print_node(std::string& out, const Node& node, std::size_t indent);

// What follows "key:" or "-".
void print_value(std::string& out, const Node& node, std::size_t indent) {
  if (node.is_scalar()) {
    out += ' ' + scalar_text(node) + '\n';
  } else if (node.items.empty() && node.members.empty()) {
    out += node.is_sequence() ? " []\n" : " {}\n";
  } else {
    out += '\n';
    print_node(out, node, indent);
  }
}

void print_node(std::string& out, const Node& node, std::size_t indent) {
  std::string margin(indent, ' ');
  for (const auto& item : node.items) {
    out += margin + "-";
    print_value(out, item, indent + 2);
  }
  for (const auto& member : node.members) {
    Node key;
    key.kind = Node::Kind::string;
    key.text = member.key;
    out += margin + scalar_text(key) + ":";
    print_value(out, member.value, indent + 2);
  }
}

bool is_present(const Node& root, const std::string& path) {
  const Node* at = &root;
  for (std::size_t from = 0; at && from <= path.size();) {
    auto dot = std::min(path.find('.', from), path.size());
    if (!at->is_mapping()) return !at->is_null();  // a short form stands for all that is below it
    at = at->find(path.substr(from, dot - from));
    from = dot + 1;
  }
  return at != nullptr;
}

void fill_defaults(Document& config, const ConfigTable& table) {
  for (const auto& key : table) {
    if (key.fallback.empty() || key.path.find("[]") != std::string::npos || is_present(config.root, key.path)) continue;
    Problems ignored;
    auto value = parse_yaml(key.fallback, "default", ignored);
    if (value.size() == 1) set_at(config.root, key.path, std::move(value[0].root));
  }
}

}  // namespace

std::string print_config(const Document& config, const ConfigTable& table) {
  Document shown = config;
  fill_defaults(shown, table);
  fill_defaults(shown, common_keys());
  each_member(shown.root, "", [&](const std::string& path, Member& member) {
    bool secret = std::any_of(table.begin(), table.end(), [&](const ConfigKey& key) {
      return key.secret && (path == key.path || path.starts_with(key.path + "[") || path.starts_with(key.path + "."));
    });
    if (!secret || member.value.is_null()) return;
    Node mask;
    mask.kind = Node::Kind::string;
    mask.text = "***";
    member.value = mask;
  });
  std::string out;
  if (shown.root.members.empty()) return "{}\n";
  print_node(out, shown.root, 0);
  return out;
}

}  // namespace tandem::run
