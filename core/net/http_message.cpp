#include "core/net/http_message.hpp"

#include <strings.h>

#include <algorithm>

#include "core/net/url.hpp"

namespace tandem::net {

namespace {

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// A line end inside a header would let a value write headers of its own.
std::string on_one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
  return text;
}

}  // namespace

void Headers::set(std::string name, std::string value) {
  std::erase_if(all_, [&](const auto& header) { return same_name(header.first, name); });
  add(std::move(name), std::move(value));
}

void Headers::add(std::string name, std::string value) {
  all_.emplace_back(on_one_line(std::move(name)), on_one_line(std::move(value)));
}

const std::string* Headers::find(std::string_view name) const {
  for (const auto& header : all_)
    if (same_name(header.first, name)) return &header.second;
  return nullptr;
}

std::string Request::query(std::string_view name) const {
  auto mark = target.find('?');
  if (mark == std::string::npos) return "";
  std::string_view rest = std::string_view(target).substr(mark + 1);
  while (!rest.empty()) {
    auto end = rest.find('&');
    auto pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    auto equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    std::string value(equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1));
    std::replace(value.begin(), value.end(), '+', ' ');
    return decode_percent(value).value_or(value);
  }
  return "";
}

}  // namespace tandem::net
