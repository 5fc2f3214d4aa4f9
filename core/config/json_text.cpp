#include "core/config/json_text.hpp"

#include <nlohmann/json.hpp>

namespace tandem {

using nlohmann::json;
using nlohmann::ordered_json;

namespace {

template <class Json>
std::string text_of(const Json& value, NotUtf8 not_utf8) {
  return value.dump(-1, ' ', false,
                    not_utf8 == NotUtf8::replace ? Json::error_handler_t::replace : Json::error_handler_t::strict);
}

}  // namespace

json parse_json(std::string_view text) { return json::parse(text, nullptr, false); }
ordered_json parse_ordered_json(std::string_view text) { return ordered_json::parse(text, nullptr, false); }
ordered_json must_parse_json(std::string_view text) { return ordered_json::parse(text); }

std::string json_text(const json& value, NotUtf8 not_utf8) { return text_of(value, not_utf8); }
std::string json_text(const ordered_json& value, NotUtf8 not_utf8) { return text_of(value, not_utf8); }
std::string indented_json(const json& value, int indent) { return value.dump(indent); }
std::string indented_json(const ordered_json& value, int indent) { return value.dump(indent); }

}  // namespace tandem
