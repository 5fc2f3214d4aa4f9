// libyaml's events into Nodes. The only file that names the YAML library.
#include <yaml.h>

#include <map>
#include <optional>

#include "core/config/node.hpp"
#include "core/config/scalar.hpp"

namespace tandem {

namespace {

constexpr std::size_t max_text_bytes = 16u << 20;
constexpr int max_depth = 100;
constexpr std::size_t max_tree_bytes = 64u << 20;  // of all documents of a text, and what is kept of anchors
constexpr int most_broken_documents = 100;

struct Refused {  // thrown within this file only; becomes one Problem, and ends the document
  Mark mark;
  std::string message, hint;
  bool whole_text = false;  // nothing after it is looked at either
};

// libyaml's parser of a text, or of what is left of one after a document that could not be read.
class Parser {
 public:
  Parser(std::string_view text, std::uint32_t lines_before) : lines_before_(lines_before) {
    if (!yaml_parser_initialize(&parser_)) throw std::bad_alloc();
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  ~Parser() { yaml_parser_delete(&parser_); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  void next(yaml_event_t& event) {
    if (!yaml_parser_parse(&parser_, &event)) refuse();
    if (event.type == YAML_DOCUMENT_START_EVENT || event.type == YAML_DOCUMENT_END_EVENT)
      document_line_ = event.start_mark.line;
  }

  Mark mark_of(const yaml_mark_t& mark) const {
    return {static_cast<std::uint32_t>(mark.line + 1) + lines_before_, static_cast<std::uint32_t>(mark.column + 1)};
  }
  // Where the document begins that is being read, at the earliest; counts from 0 in the text given.
  std::size_t document_line() const { return document_line_; }

 private:
  [[noreturn]] void refuse() const {
    std::string message = parser_.problem ? parser_.problem : "not YAML";
    if (parser_.context) message = std::string(parser_.context) + ": " + message;
    const bool in_reader = parser_.error == YAML_READER_ERROR;
    throw Refused{in_reader ? mark_of(parser_.mark) : mark_of(parser_.problem_mark), message,
                  message.find("cannot start any token") != std::string::npos
                      ? "indent with spaces, not tabs, and quote text that begins with a special character"
                      : "",
                  in_reader};
  }

  yaml_parser_t parser_{};
  std::uint32_t lines_before_;
  std::size_t document_line_ = 0;
};

class Event {
 public:
  explicit Event(Parser& parser) : parser_(parser) { parser.next(event_); }
  ~Event() { yaml_event_delete(&event_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  const yaml_event_t* operator->() const { return &event_; }
  Mark mark() const { return parser_.mark_of(event_.start_mark); }

 private:
  const Parser& parser_;
  yaml_event_t event_{};
};

// What a whole text has, through all its documents.
struct Reading {
  const std::string& file;
  Problems& problems;
  std::size_t tree_bytes = 0;

  void error(Mark mark, std::string message, std::string hint) {
    problems.add({file, mark, "", std::move(message), std::move(hint), Severity::error});
  }
};

std::string text_of(const yaml_char_t* text) { return text ? reinterpret_cast<const char*>(text) : ""; }

class Builder {
 public:
  Builder(Parser& parser, Reading& reading) : parser_(parser), reading_(reading) {}

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

  // An alias is a copy: a text of 80 KB can make a tree of hundreds of megabytes (CVE-2019-11253), so what counts is
  // the tree.
  void count(std::size_t bytes, Mark mark) {
    reading_.tree_bytes += bytes;
    if (reading_.tree_bytes > max_tree_bytes)
      throw Refused{mark, "larger than 64 MiB in memory, what aliases repeat included", "split it, or repeat less",
                    true};
  }

  static std::size_t bytes_of(const Node& node) {
    std::size_t bytes = sizeof(Node) + node.text.size();
    for (const auto& item : node.items) bytes += bytes_of(item);
    for (const auto& member : node.members) bytes += key_bytes(member.key) + bytes_of(member.value);
    return bytes;
  }
  static std::size_t key_bytes(const std::string& key) { return sizeof(Member) - sizeof(Node) + key.size(); }

  static int depth_of(const Node& node) {
    int deepest = 0;
    for (const auto& item : node.items) deepest = std::max(deepest, depth_of(item));
    for (const auto& member : node.members) deepest = std::max(deepest, depth_of(member.value));
    return deepest + 1;
  }

  void remember(const std::string& anchor, const Node& node) {
    if (anchor.empty()) return;
    count(bytes_of(node), node.mark);
    anchors_[anchor] = node;
  }

  Node alias(const Event& event) {
    const std::string name = text_of(event->data.alias.anchor);
    const auto found = anchors_.find(name);
    // Neither is shown: it may be a secret that its owner forgot to quote.
    if (found == anchors_.end())
      throw Refused{event.mark(), "an alias that has no anchor before it", "put a text that begins with * in quotes"};
    count(bytes_of(found->second), event.mark());
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
      throw Refused{mark, "a tag that cannot be used here",
                    "put a text that begins with ! in quotes, and leave out tags"};
    }
  }

  Node scalar(const Event& event) {
    const auto& data = event->data.scalar;
    Node node;
    node.mark = event.mark();
    node.text.assign(reinterpret_cast<const char*>(data.value), data.length);
    count(sizeof(Node) + node.text.size(), node.mark);
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
    count(sizeof(Node), node.mark);
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
    count(sizeof(Node), node.mark);
    check_tag(text_of(event->data.mapping_start.tag), node.mark, node);
    const std::string anchor = text_of(event->data.mapping_start.anchor);
    std::map<std::string, Mark> seen;
    std::vector<Member> merged;
    for (;;) {
      Event next(parser_);
      if (next->type == YAML_MAPPING_END_EVENT) break;
      const Node key = this->node(next, depth + 1);
      reading_.tree_bytes -= bytes_of(key);  // it is kept as text
      count(key_bytes(key.text), key.mark);
      if (!key.is_scalar())
        throw Refused{key.mark, std::string("a key must be a scalar, not ") + kind_name(key.kind), ""};
      Event value_event(parser_);
      Node value = this->node(value_event, depth + 1);
      if (key.text == "<<" && !key.quoted) {
        merge(std::move(value), merged);
        continue;
      }
      const auto [first, fresh] = seen.emplace(key.text, key.mark);
      if (fresh) {
        node.members.push_back({key.text, key.mark, std::move(value)});
      } else {
        reading_.error(key.mark, "the key " + shown_key(key.text) + " stands here twice",
                       "first on line " + std::to_string(first->second.line));
      }
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

  Parser& parser_;
  Reading& reading_;
  std::map<std::string, Node> anchors_;
};

void parse_stream(Parser& parser, Reading& reading, std::vector<Document>& documents) {
  Builder builder(parser, reading);
  for (;;) {
    Event event(parser);
    if (event->type == YAML_STREAM_END_EVENT) return;
    if (event->type != YAML_DOCUMENT_START_EVENT) continue;
    Node root = builder.document();
    if (!root.is_null()) documents.push_back({reading.file, std::move(root)});
  }
}

// The first line below line `after` that begins a document: YAML has "---" at the start of a line nowhere else, not
// even inside a quoted text. Lines count from 0.
struct Line {
  std::size_t at = 0;  // its first byte
  std::uint32_t number = 0;
};

std::optional<Line> document_below(std::string_view text, std::size_t after) {
  Line line;
  while ((line.at = text.find('\n', line.at)) != text.npos) {
    ++line.at;
    ++line.number;
    const std::string_view rest = text.substr(line.at);
    if (line.number <= after || !rest.starts_with("---")) continue;
    if (rest.size() == 3 || std::string_view(" \t\r\n").find(rest[3]) != std::string_view::npos) return line;
  }
  return std::nullopt;
}

}  // namespace

std::vector<Document> parse_yaml(std::string_view text, const std::string& file, Problems& problems, bool* whole) {
  std::vector<Document> documents;
  Reading reading{file, problems};
  if (whole) *whole = text.size() <= max_text_bytes;
  if (text.size() > max_text_bytes) {
    reading.error({}, "larger than 16 MiB", "split it");
    return documents;
  }
  std::uint32_t lines_before = 0;
  for (int broken = 0; broken < most_broken_documents; ++broken) {
    Parser parser(text, lines_before);
    try {
      parse_stream(parser, reading, documents);
      break;
    } catch (const Refused& refused) {
      if (whole) *whole = false;
      reading.error(refused.mark, refused.message, refused.hint);
      const auto next = refused.whole_text ? std::nullopt : document_below(text, parser.document_line());
      if (!next) break;
      text.remove_prefix(next->at);
      lines_before += next->number;
    }
  }
  return documents;
}

}  // namespace tandem
