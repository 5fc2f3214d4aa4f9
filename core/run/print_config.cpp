#include <algorithm>

#include "core/config/print_yaml.hpp"
#include "core/observe/mask.hpp"
#include "core/run/config_keys.hpp"
#include "core/run/config_path.hpp"

namespace tandem::run {

namespace {

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

void mask_urls(Node& node) {
  for (const char* begin : {"://", "unix:"})
    if (node.text.find(begin) != std::string::npos) {
      node.text = observe::mask_value(node.text);
      break;
    }
  for (auto& item : node.items) mask_urls(item);
  for (auto& member : node.members) mask_urls(member.value);
}

}  // namespace

std::string print_config(const Document& config, const ConfigTable& table) {
  Document shown = config;
  fill_defaults(shown, table);
  fill_defaults(shown, common_keys());
  each_member(shown.root, "", [&](const std::string& path, const std::string&, Member& member) {
    if (!is_secret(path, table) || member.value.is_null()) return true;
    Node mask;
    mask.kind = Node::Kind::string;
    mask.text = "***";
    member.value = mask;
    return false;
  });
  mask_urls(shown.root);
  return print_yaml(shown.root);
}

}  // namespace tandem::run
