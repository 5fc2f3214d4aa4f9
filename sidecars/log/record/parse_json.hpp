// A line that is one JSON object as fields. Strict (RFC 8259): what comes out of it is passed on without a second look.
#pragma once

#include <memory>
#include <string_view>

#include "sidecars/log/record/parse_fields.hpp"

namespace tandem::shipper {

constexpr int deepest_json = 100;  // levels of objects and arrays; more is no JSON to us

// simdjson's first stage finds the structure and checks UTF-8 and control characters with vector instructions; the rest
// is ours, as every byte must be checked and every member's bytes be known. Its tables grow to the longest text it saw,
// but not past those of 128 KiB (0.5 MB).
class JsonParser {
 public:
  JsonParser();
  ~JsonParser();

  // The object's members in order, the last one where a name is repeated. A string's text is without escapes, any other
  // value a literal as it was written (numbers of any size too), with line breaks between its tokens made blanks;
  // `member` is always there. False: anything but one whole valid object.
  bool parse(std::string_view text, Event& event, ParsedFields& fields);

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

}  // namespace tandem::shipper
