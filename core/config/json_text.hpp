// JSON from text and back. nlohmann's parser and writer are compiled here once; a file that names them itself pays
// seconds.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace tandem {

// What is no JSON gives a value that is_discarded(), and no kind that can be asked for (is_object() and the like are
// false).
nlohmann::json parse_json(std::string_view text);
nlohmann::ordered_json parse_ordered_json(std::string_view text);

// For what we wrote ourselves: throws nlohmann::json::parse_error, which says where.
nlohmann::ordered_json must_parse_json(std::string_view text);

// Text that is not UTF-8: `refuse` throws nlohmann::json::type_error, `replace` writes U+FFFD in its place.
enum class NotUtf8 { refuse, replace };

// On one line, or with `indent` spaces a level.
std::string json_text(const nlohmann::json& value, NotUtf8 not_utf8 = NotUtf8::refuse);
std::string json_text(const nlohmann::ordered_json& value, NotUtf8 not_utf8 = NotUtf8::refuse);
std::string indented_json(const nlohmann::json& value, int indent);
std::string indented_json(const nlohmann::ordered_json& value, int indent);

}  // namespace tandem
