// libyaml's events into Nodes. The only file that names the YAML library.
#include <yaml.h>

#include <map>
#include <memory>
#include <set>

#include "core/config/node.hpp"
#include "core/config/scalar.hpp"

namespace tandem {

namespace {

constexpr std::size_t max_text_bytes = 16u << 20;
constexpr int max_depth = 100;
constexpr std::size_t max_nodes = 1'000'000;

struct Refused {  // thrown within this file only; becomes one Problem
  Mark mark;
  std::string message, hint;
};

Mark mark_of(const yaml_mark_t& mark) {
  return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

class Event {
 public:
  explicit Event(yaml_parser_t& parser) {
    if (yaml_parser_parse(&parser, &event_)) return;
    std::string message = parser.problem ? parser.problem : "not YAML";
    if (parser.context) message = std::string(parser.context) + ": " + message;
    const bool in_reader = parser.error == YAML_READER_ERROR;
    throw Refused{in_reader ? mark_of(parser.mark) : mark_of(parser.problem_mark), message,
                  message.find("cannot start any token") != std::string::npos
                      ? "indent with spaces, not tabs, and quote text that begins with a special character"
                      : ""};
  }
  ~Event() { yaml_event_delete(&event_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  const yaml_event_t* operator->() const { return &event_; }
  Mark mark() const { return mark_of(event_.start_mark); }

 private:
  yaml_event_t event_{};
};

std::string text_of(const yaml_char_t* text) { return text ? reinterpret_cast<const char*>(text) : ""; }

class Builder {
 public:
  explicit Builder(yaml_parser_t& parser) : parser_(parser) {}

  Node document() {
    anchors_.clear();
    Event first(parser_);
    Node root = node(first, 0);
    Event end(parser_);  // DOCUMENT-END
    return root;
  }

 private:
  Node node(const Event& event, int depth) {
    if (depth > max_depth) throw Refused{event.mark(), "nested deeper than 100 levels", ""};
    count(1, event.mark());
    switch (event->type) {
      case YAML_ALIAS_EVENT:
        return alias(event);
      case YAML_SCALAR_EVENT:
        return scalar(event);
      case YAML_SEQUENCE_START_EVENT:
        return sequence(event, depth);
      case YAML_MAPPING_START_EVENT:
        return mapping(event, depth);
      case YAML_NO_EVENT:
      case YAML_STREAM_START_EVENT:
      case YAML_STREAM_END_EVENT:
      case YAML_DOCUMENT_START_EVENT:
      case YAML_DOCUMENT_END_EVENT:
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        break;
    }
    throw Refused{event.mark(), "unexpected end of the document", ""};
  }

  void count(std::size_t nodes, Mark mark) {
    nodes_ += nodes;
    if (nodes_ > max_nodes) throw Refused{mark, "more than a million values after aliases are expanded", ""};
  }

  static std::size_t size_of(const Node& node) {
    std::size_t size = 1;
    for (const auto& item : node.items) size += size_of(item);
    for (const auto& member : node.members) size += size_of(member.value);
    return size;
  }

  static int depth_of(const Node& node) {
    int deepest = 0;
    for (const auto& item : node.items) deepest = std::max(deepest, depth_of(item));
    for (const auto& member : node.members) deepest = std::max(deepest, depth_of(member.value));
    return deepest + 1;
  }

  void remember(const std::string& anchor, const Node& node) {
    if (!anchor.empty()) anchors_[anchor] = node;
  }

  Node alias(const Event& event) {
    const std::string name = text_of(event->data.alias.anchor);
    const auto found = anchors_.find(name);
    if (found == anchors_.end()) throw Refused{event.mark(), "alias *" + name + " has no anchor before it", ""};
    count(size_of(found->second), event.mark());
    if (depth_of(found->second) > max_depth) throw Refused{event.mark(), "nested deeper than 100 levels", ""};
    Node copy = found->second;
    copy.mark = event.mark();
    return copy;
  }

  static void check_tag(const std::string& tag, Mark mark, Node& node) {
    static const std::string prefix = "tag:yaml.org,2002:";
    if (tag.empty() || tag == "!") return;
    const std::string name = tag.rfind(prefix, 0) == 0 ? tag.substr(prefix.size()) : "";
    if (name == "str" && node.is_scalar()) {
      node.kind = Node::Kind::string;
    } else if ((name == "int" && node.kind == Node::Kind::integer) ||
               (name == "bool" && node.kind == Node::Kind::boolean) || (name == "float" && node.as_number()) ||
               (name == "null" && node.is_null()) || (name == "seq" && node.is_sequence()) ||
               (name == "map" && node.is_mapping())) {
      return;
    } else {
      throw Refused{mark, "the tag " + (name.empty() ? tag : "!!" + name) + " cannot be used here",
                    "write a plain or quoted value without a tag"};
    }
  }

  Node scalar(const Event& event) {
    const auto& data = event->data.scalar;
    Node node;
    node.mark = event.mark();
    node.text.assign(reinterpret_cast<const char*>(data.value), data.length);
    node.quoted = data.style != YAML_PLAIN_SCALAR_STYLE;
    node.kind = node.quoted ? Node::Kind::string : resolve_plain_scalar(node.text);
    check_tag(text_of(data.tag), node.mark, node);
    remember(text_of(data.anchor), node);
    return node;
  }

  Node sequence(const Event& event, int depth) {
    Node node;
    node.kind = Node::Kind::sequence;
    node.mark = event.mark();
    check_tag(text_of(event->data.sequence_start.tag), node.mark, node);
    const std::string anchor = text_of(event->data.sequence_start.anchor);
    for (;;) {
      Event next(parser_);
      if (next->type == YAML_SEQUENCE_END_EVENT) break;
      node.items.push_back(this->node(next, depth + 1));
    }
    remember(anchor, node);
    return node;
  }

  Node mapping(const Event& event, int depth) {
    Node node;
    node.kind = Node::Kind::mapping;
    node.mark = event.mark();
    check_tag(text_of(event->data.mapping_start.tag), node.mark, node);
    const std::string anchor = text_of(event->data.mapping_start.anchor);
    std::map<std::string, Mark> seen;
    std::vector<Member> merged;
    for (;;) {
      Event next(parser_);
      if (next->type == YAML_MAPPING_END_EVENT) break;
      const Node key = this->node(next, depth + 1);
      if (!key.is_scalar())
        throw Refused{key.mark, std::string("a key must be a scalar, not ") + kind_name(key.kind), ""};
      Event value_event(parser_);
      Node value = this->node(value_event, depth + 1);
      if (key.text == "<<" && !key.quoted) {
        merge(std::move(value), merged);
        continue;
      }
      const auto [first, fresh] = seen.emplace(key.text, key.mark);
      if (!fresh)
        throw Refused{key.mark, "the key \"" + key.text + "\" stands here twice",
                      "first on line " + std::to_string(first->second.line)};
      node.members.push_back({key.text, key.mark, std::move(value)});
    }
    for (auto& member : merged)
      if (seen.emplace(member.key, member.key_mark).second) node.members.push_back(std::move(member));
    remember(anchor, node);
    return node;
  }

  static void merge(Node value, std::vector<Member>& merged) {
    if (value.is_mapping()) {
      for (auto& member : value.members) merged.push_back(std::move(member));
      return;
    }
    const Mark mark = value.mark;
    if (!value.is_sequence()) throw Refused{mark, "the merge key << needs a mapping or a list of mappings", ""};
    for (auto& item : value.items) {
      if (!item.is_mapping()) throw Refused{item.mark, "the merge key << needs a mapping or a list of mappings", ""};
      for (auto& member : item.members) merged.push_back(std::move(member));
    }
  }

  yaml_parser_t& parser_;
  std::map<std::string, Node> anchors_;
  std::size_t nodes_ = 0;
};

void parse_stream(yaml_parser_t& parser, const std::string& file, std::vector<Document>& documents) {
  Builder builder(parser);
  for (;;) {
    Event event(parser);
    if (event->type == YAML_STREAM_END_EVENT) return;
    if (event->type != YAML_DOCUMENT_START_EVENT) continue;
    Node root = builder.document();
    if (!root.is_null()) documents.push_back({file, std::move(root)});
  }
}

}  // namespace

std::vector<Document> parse_yaml(std::string_view text, const std::string& file, Problems& problems) {
  std::vector<Document> documents;
  if (text.size() > max_text_bytes) {
    problems.add({file, {}, "", "larger than 16 MiB", "split it", Severity::error});
    return documents;
  }
  yaml_parser_t parser;
  if (!yaml_parser_initialize(&parser)) throw std::bad_alloc();
  const std::unique_ptr<yaml_parser_t, void (*)(yaml_parser_t*)> owner(&parser, yaml_parser_delete);
  yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  try {
    parse_stream(parser, file, documents);
  } catch (const Refused& refused) {
    problems.add({file, refused.mark, "", refused.message, refused.hint, Severity::error});
  }
  return documents;
}

}  // namespace tandem
