// What every parser does beside parsing: takes a field's text, puts what was found in the record.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "sidecars/log/buffer.hpp"
#include "sidecars/log/record/parse_fields.hpp"
#include "sidecars/log/record/time_format.hpp"
#include "sidecars/log/transform/transform.hpp"

namespace tandem::shipper {

struct ParserSettings {
  std::string field;  // what is parsed; a record without it passes as it is
  std::string into;   // of the record: an object with all that was found; empty: each becomes a field of the record
  bool keep = false;  // the parsed field stays
  bool drop_on_failure = false;
  std::string time_field;  // of what was found: when the record was written; taken out when it is a time
  std::shared_ptr<const TimeFormat> format;  // of it; nullptr: no such field
};

// `fields` as the functions of record/parse_*.hpp fill it.
using ParseText = std::function<bool(std::string_view text, Event& event, ParsedFields& fields)>;

std::unique_ptr<Transform> make_parser(const ParserSettings& settings, ParseText parse,
                                       const TransformContext& context);

// The keys that all parsers have, of one item of `transforms`, and their rows.
ParserSettings read_parser(Reader& item);
extern const run::ConfigTable parser_keys;
bool read_on_failure(Reader& item);                                // true: drop
std::shared_ptr<const TimeFormat> read_time_format(Reader& item);  // `format` and `zone`
extern const char* const zone_remedy;                              // of a zone that is not known

// tandem_log_parse_failures_total of this transform; nullptr: nobody counts.
observe::Counter* parse_failures(const TransformContext& context);

}  // namespace tandem::shipper
