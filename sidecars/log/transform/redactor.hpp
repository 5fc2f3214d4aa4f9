// Texts and JSON with their secrets replaced.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sidecars/log/transform/secrets.hpp"

namespace tandem::shipper {

struct Replacement {
  enum class Kind { text, hash };
  Kind kind = Kind::text;
  std::string text = "***";
  std::string key;  // of a hash
};

class Redactor {
 public:
  // `names`: what a JSON member or field holds whose name names a secret, is one.
  Redactor(Finders finders, bool names, Replacement replacement)
      : finders_(std::move(finders)), names_(names), replacement_(std::move(replacement)) {}

  // What is found by two finders is replaced once, as a whole. False: there is no secret; `out` is empty then. A text
  // that is no UTF-8 may come out with U+FFFD in it, when one of the finders wants UTF-8.
  // So many bytes `before` and `behind` lie beside the text in memory: a secret that is partly in those is replaced as
  // far as it is in the text.
  bool redact(std::string_view text, std::string& out, std::size_t before = 0, std::size_t behind = 0);
  bool is_secret(std::string_view name) const { return names_ && names_a_secret(name); }
  void append_stand_in(std::string_view secret, std::string& out) const;

 private:
  struct Found {
    Secret place;
    const SecretFinder* by;  // nullptr: by several, of different places
  };
  void find(std::string_view text);

  Finders finders_;
  bool names_;
  Replacement replacement_;
  std::vector<Found> found_;
  std::string utf8_;
};

// The same for JSON: inside its strings, keys too; a number with a secret becomes a string. What comes out is JSON
// again. `json` that is none becomes the stand-in for all of it, as a string.
bool redact_json(Redactor& redactor, std::string_view json, std::string& out);

}  // namespace tandem::shipper
