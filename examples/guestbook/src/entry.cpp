#include "examples/guestbook/src/entry.hpp"

#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"

namespace tandem::guestbook {

namespace {

using nlohmann::ordered_json;

ordered_json as_json(const Entry& entry) { return {{"id", entry.id}, {"text", entry.text}, {"time", entry.time}}; }

std::string dump(const ordered_json& value) { return json_text(value, NotUtf8::replace); }

bool is_utf8(const std::string& text) {
  try {
    static_cast<void>(json_text(nlohmann::json(text)));
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

constexpr const char* form =
    "<form method=\"post\" action=\"/entries\"><input name=\"text\" maxlength=\"1000\" required autofocus>"
    "<button>Sign</button></form>\n";

std::string framed(const std::string& content) {
  return "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Guestbook</title>\n"
         "<style>body{font:16px sans-serif;max-width:40em;margin:2em "
         "auto}time{color:#777}</style>\n<h1>Guestbook</h1>\n" +
         content + "</html>\n";
}

}  // namespace

std::string to_json(const Entry& entry) { return dump(as_json(entry)); }

std::string to_json(const std::vector<Entry>& entries) {
  ordered_json list = ordered_json::array();
  for (const Entry& entry : entries) list.push_back(as_json(entry));
  return dump({{"entries", list}});
}

std::optional<Entry> parse_entry(std::string_view json) {
  const auto value = parse_json(json);
  if (!value.is_object()) return std::nullopt;
  const auto id = value.find("id"), text = value.find("text"), time = value.find("time");
  if (id == value.end() || text == value.end() || time == value.end()) return std::nullopt;
  if (!id->is_number_integer() || !text->is_string() || !time->is_string()) return std::nullopt;
  return Entry{id->get<std::int64_t>(), text->get<std::string>(), time->get<std::string>()};
}

std::optional<std::string> posted_text(const net::Request& request, std::string& why) {
  const std::string* type = request.headers.find("Content-Type");
  std::string text = request.body;
  if (type && type->starts_with("application/x-www-form-urlencoded")) {
    // A form's body is written like a query.
    text = net::Request("POST", "/?" + request.body).query("text");
  } else if (type && type->starts_with("application/json")) {
    const auto value = parse_json(request.body);
    const bool fine = value.is_object() && value.contains("text") && value["text"].is_string();
    if (!fine) {
      why = "the JSON has no \"text\"";
      return std::nullopt;
    }
    text = value["text"].get<std::string>();
  }
  if (text.empty()) why = "there is no text: send text=... as a form, or {\"text\": \"...\"} as JSON";
  if (text.size() > longest_text) why = "the text is longer than " + std::to_string(longest_text) + " bytes";
  if (why.empty() && !is_utf8(text)) why = "the text is not UTF-8";
  return why.empty() ? std::optional(text) : std::nullopt;
}

std::string escape_html(std::string_view text) {
  std::string safe;
  for (const char c : text) switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  return safe;
}

std::string page(const std::vector<Entry>& entries) {
  std::string html = form;
  html += "<ul>\n";
  for (const Entry& entry : entries)
    html += "<li>" + escape_html(entry.text) + " <time>" + escape_html(entry.time) + "</time></li>\n";
  return framed(html + "</ul>\n");
}

std::string page_without_entries(std::string_view why) {
  return framed("<p role=\"alert\"><strong>The entries cannot be reached just now</strong>, and none can be written: " +
                escape_html(why) + ". They are not lost; <a href=\"/\">try again</a> in a few seconds.</p>\n");
}

std::string page_about() {
  return framed(
      "<p>Sign with a line of up to 1000 bytes. The entries lie in Redis; this page does without it.</p>\n"
      "<ul><li><a href=\"/\">entries</a></li><li><a href=\"/stats\">numbers</a></li></ul>\n");
}

}  // namespace tandem::guestbook
