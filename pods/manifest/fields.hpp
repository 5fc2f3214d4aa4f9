// A reader over one mapping that check_fields has already been through: what has a wrong type reads as absent, because
// the problem is known.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pods/manifest/check_fields.hpp"
#include "pods/manifest/metadata.hpp"

namespace tandem::manifest {

struct Decoding {  // what is the same for all of one object
  const Source& source;
  Problems& problems;
  Validation validation = Validation::strict;
  std::set<std::string>* asked = nullptr;  // tests: every field path that was read, without indexes

  void error(std::string path, std::string message, std::string hint = "") const {
    source.error(problems, std::move(path), std::move(message), std::move(hint));
  }
};

class Fields {
 public:
  Fields(const Node* node, std::string path, const Decoding& decoding)
      : node_(node), path_(std::move(path)), decoding_(&decoding) {}

  const std::string& path() const { return path_; }
  std::string path(std::string_view key) const { return below(path_, key); }
  const Decoding& decoding() const { return *decoding_; }

  const Node* node(const char* key) const;  // nullptr: absent or null
  bool has(const char* key) const { return node(key) != nullptr; }

  std::string text(const char* key, std::string fallback = "") const;
  std::optional<bool> boolean(const char* key) const;
  bool boolean(const char* key, bool fallback) const { return boolean(key).value_or(fallback); }
  std::optional<std::int64_t> integer(const char* key) const;
  // Out of least..most: a problem, and the fallback.
  std::int64_t integer(const char* key, std::int64_t fallback, std::int64_t least, std::int64_t most) const;
  std::vector<std::string> texts(const char* key) const;
  TextMap text_map(const char* key) const;

  // One of the choices; anything else is a problem that lists them.
  std::string choice(const char* key, std::string fallback, const std::vector<std::string>& choices) const;
  // Absent or empty is a problem.
  std::string required(const char* key) const;

  // A text with its check (names.hpp); a reason why not is a problem.
  using Rule = std::string (*)(std::string_view);
  std::string text(const char* key, Rule rule) const;  // absent or empty: not checked
  std::string required(const char* key, Rule rule) const;

  Fields object(const char* key) const;  // absent: as an empty one
  void each(const char* key, const std::function<void(const Fields&)>& read) const;

  void error(std::string_view key, std::string message, std::string hint = "") const {
    decoding_->error(path(key), std::move(message), std::move(hint));
  }

 private:
  const Node* node_;
  std::string path_;
  const Decoding* decoding_;
};

}  // namespace tandem::manifest
