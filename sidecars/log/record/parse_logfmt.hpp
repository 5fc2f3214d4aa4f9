// Lines of key=value pairs, as Heroku and Go's loggers write them. Pure.
#pragma once

#include <string_view>

#include "sidecars/log/record/parse_fields.hpp"

namespace tandem::shipper {

// key=value key="with \"escapes\"" key= key: what github.com/go-logfmt/logfmt decodes, with two leniencies: a value
// may have = in it (url=/a?b=c), and a quoted one may have control characters. Escapes are JSON's. A bare key is
// `true`, `key=` is an empty string, every other value a string; the last of two values of one key stays. False: a
// quote in a key or inside an unquoted value, a quoted value without an end or with an unknown escape, an empty key, or
// not one = in the line (or else every sentence would do).
bool parse_logfmt(std::string_view text, Event& event, ParsedFields& fields);

}  // namespace tandem::shipper
