// A typed reader over one mapping: collects every problem, and knows which keys were asked for.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/config/node.hpp"
#include "core/config/units.hpp"

namespace tandem {

// Reads the fields of one mapping. A wrong type, a missing required field or an unknown key becomes a Problem with its
// place; reading goes on with the fallback, so that one pass shows everything. Call done() last: it reports the keys
// that nobody asked for, with the closest known one. An absent mapping reads as empty.
class Reader {
 public:
  Reader(const Node& node, std::string file, std::string path, Problems& problems);

  bool has(const std::string& key) const;    // present and not null
  const Node* node(const std::string& key);  // nullptr: absent or null; counts as asked for
  const Node& self() const { return *node_; }
  const std::string& path() const { return path_; }
  const std::string& file() const { return file_; }

  std::string string(const std::string& key, std::string fallback = "");
  std::string required_string(const std::string& key);  // empty is a problem too
  bool boolean(const std::string& key, bool fallback);
  std::int64_t integer(const std::string& key, std::int64_t fallback, std::int64_t least, std::int64_t most);
  double number(const std::string& key, double fallback);
  Bytes bytes(const std::string& key, Bytes fallback);
  std::chrono::nanoseconds duration(const std::string& key, std::chrono::nanoseconds fallback);
  // One of `choices`; anything else is a problem that lists them.
  std::string choice(const std::string& key, std::string fallback, const std::vector<std::string>& choices);
  std::vector<std::string> strings(const std::string& key);
  std::vector<std::pair<std::string, std::string>> string_map(const std::string& key);

  Reader object(const std::string& key);                                             // absent: an empty mapping
  void each(const std::string& key, const std::function<void(Reader&)>& read_item);  // items must be mappings

  void problem(const std::string& key, std::string message, std::string hint = "");  // at the key's value, or here
  void allow(const std::string& key);                                                // known, read elsewhere
  void done();

 private:
  const Node* typed(const std::string& key, Node::Kind kind);

  const Node* node_;
  std::string file_, path_;
  Problems* problems_;
  std::vector<std::string> asked_;
  bool refused_ = false;  // no mapping: what is missing in it is no news
};

}  // namespace tandem
