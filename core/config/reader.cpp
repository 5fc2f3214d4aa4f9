#include "core/config/reader.hpp"

#include <algorithm>

#include "core/text/words.hpp"

namespace tandem {

namespace {

const Node& empty_mapping() {
  static const Node node = [] {
    Node empty;
    empty.kind = Node::Kind::mapping;
    return empty;
  }();
  return node;
}

std::string below(const std::string& path, const std::string& key) { return path.empty() ? key : path + "." + key; }

}  // namespace

Reader::Reader(const Node& node, std::string file, std::string path, Problems& problems)
    : node_(&node), file_(std::move(file)), path_(std::move(path)), problems_(&problems) {
  if (node.is_mapping()) return;
  if (!node.is_null())
    problems.add({file_, node.mark, path_, std::string("a mapping is wanted, not ") + kind_name(node.kind), "",
                  Severity::error});
  refused_ = !node.is_null();
  node_ = &empty_mapping();
}

bool Reader::has(const std::string& key) const {
  const Node* value = node_->find(key);
  return value && !value->is_null();
}

void Reader::allow(const std::string& key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.push_back(key);
}

const Node* Reader::node(const std::string& key) {
  allow(key);
  const Node* value = node_->find(key);
  return value && !value->is_null() ? value : nullptr;
}

void Reader::problem(const std::string& key, std::string message, std::string hint) {
  if (refused_) return;
  const Node* value = key.empty() ? node_ : node_->find(key);
  problems_->add({file_, value ? value->mark : node_->mark, key.empty() ? path_ : below(path_, key), std::move(message),
                  std::move(hint), Severity::error});
}

const Node* Reader::typed(const std::string& key, Node::Kind kind) {
  const Node* value = node(key);
  if (!value || value->kind == kind) return value;
  std::string hint;
  if (kind == Node::Kind::string && value->is_scalar()) hint = "write it in quotes: \"" + value->text + "\"";
  if (kind != Node::Kind::string && value->kind == Node::Kind::string && value->quoted && value->is_scalar())
    hint = "write it without quotes";
  problem(key, std::string(kind_name(kind)) + " is wanted, not " + kind_name(value->kind), hint);
  return nullptr;
}

std::string Reader::string(const std::string& key, std::string fallback) {
  const Node* value = typed(key, Node::Kind::string);
  return value ? value->text : fallback;
}

std::string Reader::required_string(const std::string& key) {
  if (!has(key)) {
    allow(key);
    problem(node_->find(key) ? key : "",
            node_->find(key) ? "must not be empty" : "the field \"" + key + "\" is missing");
    return "";
  }
  const Node* value = typed(key, Node::Kind::string);
  if (value && value->text.empty()) problem(key, "must not be empty");
  return value ? value->text : "";
}

bool Reader::boolean(const std::string& key, bool fallback) {
  const Node* value = typed(key, Node::Kind::boolean);
  return value ? *value->as_bool() : fallback;
}

std::int64_t Reader::integer(const std::string& key, std::int64_t fallback, std::int64_t least, std::int64_t most) {
  const Node* value = typed(key, Node::Kind::integer);
  if (!value) return fallback;
  const auto number = value->as_integer();
  if (number && *number >= least && *number <= most) return *number;
  problem(key, value->text + " is out of range", "from " + std::to_string(least) + " to " + std::to_string(most));
  return fallback;
}

double Reader::number(const std::string& key, double fallback) {
  const Node* value = node(key);
  if (!value) return fallback;
  if (const auto number = value->as_number()) return *number;
  const bool out_of_range = value->kind == Node::Kind::number || value->kind == Node::Kind::integer;
  problem(key, out_of_range ? value->text + " is no number that JSON has"
                            : std::string("a number is wanted, not ") + kind_name(value->kind));
  return fallback;
}

Bytes Reader::bytes(const std::string& key, Bytes fallback) {
  const Node* value = node(key);
  if (!value) return fallback;
  const auto bytes = value->is_scalar() ? parse_bytes(value->text) : std::nullopt;
  if (bytes && bytes->value >= 0) return *bytes;
  problem(key, "a size is wanted", "for example 64Mi, 1Gi, 500k");
  return fallback;
}

std::chrono::nanoseconds Reader::duration(const std::string& key, std::chrono::nanoseconds fallback) {
  const Node* value = node(key);
  if (!value) return fallback;
  const auto duration = value->is_scalar() ? parse_duration(value->text) : std::nullopt;
  if (duration && duration->count() >= 0) return *duration;
  problem(key, "a duration with its unit is wanted", "for example 500ms, 10s, 1m30s");
  return fallback;
}

std::string Reader::choice(const std::string& key, std::string fallback, const std::vector<std::string>& choices) {
  const Node* value = typed(key, Node::Kind::string);
  if (!value) return fallback;
  if (std::find(choices.begin(), choices.end(), value->text) != choices.end()) return value->text;
  const std::string near = problems_->full(file_) ? "" : closest(value->text, choices);
  problem(key, "\"" + value->text + "\" is none of: " + joined(choices, ", "),
          near.empty() ? "" : "did you mean \"" + near + "\"?");
  return fallback;
}

std::vector<std::string> Reader::strings(const std::string& key) {
  std::vector<std::string> texts;
  const Node* list = typed(key, Node::Kind::sequence);
  if (!list) return texts;
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    const Node& item = list->items[i];
    if (item.kind == Node::Kind::string) {
      texts.push_back(item.text);
      continue;
    }
    problems_->add({file_, item.mark, below(path_, key) + "[" + std::to_string(i) + "]",
                    std::string("a string is wanted, not ") + kind_name(item.kind),
                    item.is_scalar() && !item.is_null() ? "write it in quotes: \"" + item.text + "\"" : "",
                    Severity::error});
  }
  return texts;
}

std::vector<std::pair<std::string, std::string>> Reader::string_map(const std::string& key) {
  std::vector<std::pair<std::string, std::string>> pairs;
  const Node* map = typed(key, Node::Kind::mapping);
  if (!map) return pairs;
  for (const auto& member : map->members) {
    const Node& value = member.value;
    pairs.emplace_back(member.key, value.kind == Node::Kind::string ? value.text : "");
    if (value.kind == Node::Kind::string || value.is_null()) continue;
    problems_->add({file_, value.mark, below(below(path_, key), member.key),
                    std::string("a string is wanted, not ") + kind_name(value.kind),
                    value.is_scalar() ? "write it in quotes: \"" + value.text + "\"" : "", Severity::error});
  }
  return pairs;
}

Reader Reader::object(const std::string& key) {
  const Node* value = typed(key, Node::Kind::mapping);
  return Reader(value ? *value : empty_mapping(), file_, below(path_, key), *problems_);
}

void Reader::each(const std::string& key, const std::function<void(Reader&)>& read_item) {
  const Node* list = typed(key, Node::Kind::sequence);
  if (!list) return;
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    Reader item(list->items[i], file_, below(path_, key) + "[" + std::to_string(i) + "]", *problems_);
    read_item(item);
  }
}

void Reader::done() {
  for (const auto& member : node_->members) {
    if (std::find(asked_.begin(), asked_.end(), member.key) != asked_.end()) continue;
    const std::string near = problems_->full(file_) ? "" : closest(member.key, asked_);
    problems_->add({file_, member.key_mark, path_, "unknown field " + shown_key(member.key),
                    near.empty() ? "known here: " + joined(asked_, ", ") : "did you mean \"" + near + "\"?",
                    Severity::error});
  }
}

}  // namespace tandem
