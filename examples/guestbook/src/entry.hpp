// An entry of the guestbook, and the forms it comes and goes in. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/net/http_message.hpp"

namespace tandem::guestbook {

inline constexpr std::size_t longest_text = 1000;  // bytes

struct Entry {
  std::int64_t id = 0;
  std::string text;
  std::string time;  // RFC 3339
};

std::string to_json(const Entry& entry);
std::string to_json(const std::vector<Entry>& entries);
std::optional<Entry> parse_entry(std::string_view json);  // nullopt: not one of ours

// The text of a POST: a form with text=..., a JSON object with "text", or plain text, by Content-Type.
// Nullopt with `why` filled: there is none, it is too long, or it is no UTF-8.
std::optional<std::string> posted_text(const net::Request& request, std::string& why);

std::string escape_html(std::string_view text);

// Pages, as HTML. One without the entries says why; all have the same frame.
std::string page(const std::vector<Entry>& entries);
std::string page_without_entries(std::string_view why);
std::string page_about();

}  // namespace tandem::guestbook
