// A YAML or JSON document as plain values that know where they stood.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/problem.hpp"

namespace tandem {

struct Member;

class Node {
 public:
  enum class Kind { null, boolean, integer, number, string, sequence, mapping };

  Kind kind = Kind::null;
  Mark mark;
  std::string text;             // a scalar as it was written (quotes removed, escapes resolved)
  bool quoted = false;          // a quoted or block scalar is always a string
  std::vector<Node> items;      // of a sequence
  std::vector<Member> members;  // of a mapping, in the order written; keys are unique

  bool is_null() const { return kind == Kind::null; }
  bool is_scalar() const { return kind != Kind::sequence && kind != Kind::mapping; }
  bool is_mapping() const { return kind == Kind::mapping; }
  bool is_sequence() const { return kind == Kind::sequence; }

  const Node* find(std::string_view key) const;  // nullptr: absent, or not a mapping
  std::optional<bool> as_bool() const;           // by kind, never by guessing
  std::optional<std::int64_t> as_integer() const;
  std::optional<double> as_number() const;  // integers too; .inf and .nan, which JSON lacks, are none
};

struct Member {
  std::string key;
  Mark key_mark;
  Node value;
};

const char* kind_name(Node::Kind kind);  // "a string", "a list", "a mapping", ...

struct Document {
  std::string file;
  Node root;
};

// Parses YAML 1.1 the way Kubernetes reads it (JSON is a subset): every document of the stream, empty ones left out.
// Anchors, aliases and merge keys (<<) are resolved; duplicate keys, unknown tags, nesting past 100 levels, more than
// 64 MiB in memory (what aliases repeat counts each time), and texts past 16 MiB are problems. Of a key written twice
// the first is kept. A document that cannot be read is left out, and the next line "---" is where reading goes on;
// `whole` becomes false then.
std::vector<Document> parse_yaml(std::string_view text, const std::string& file, Problems& problems,
                                 bool* whole = nullptr);

nlohmann::ordered_json to_json(const Node& node);
Node from_json(const nlohmann::ordered_json& json);  // marks are unknown (0)

}  // namespace tandem
