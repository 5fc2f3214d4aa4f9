#include "adapter/metrics/json_path.hpp"

#include <algorithm>

namespace tandem::metrics {

namespace {

constexpr std::size_t most_steps = 64;

PathStep step_of(std::string_view text) {
  return text == "*" ? PathStep{"", true} : PathStep{std::string(text), false};
}

std::optional<JsonPath> parse_pointer(std::string_view text, std::string& why) {
  JsonPath path;
  while (!text.empty()) {
    text.remove_prefix(1);
    auto end = std::min(text.find('/'), text.size());
    auto raw = text.substr(0, end);
    text.remove_prefix(end);
    std::string key;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] != '~') {
        key += raw[i];
      } else if (i + 1 < raw.size() && (raw[i + 1] == '0' || raw[i + 1] == '1')) {
        key += raw[++i] == '0' ? '~' : '/';
      } else {
        why = "has a ~ that is neither ~0 nor ~1";
        return std::nullopt;
      }
    }
    path.push_back(raw == "*" ? PathStep{"", true} : PathStep{key, false});
  }
  return path;
}

// One "[...]" at the beginning of `text`.
std::optional<PathStep> parse_bracket(std::string_view& text) {
  if (text.size() > 3 && (text[1] == '\'' || text[1] == '"')) {
    auto close = text.find(text[1], 2);
    if (close == std::string_view::npos || close + 1 >= text.size() || text[close + 1] != ']') return std::nullopt;
    PathStep step{std::string(text.substr(2, close - 2)), false};
    text.remove_prefix(close + 2);
    return step;
  }
  auto close = text.find(']');
  if (close == std::string_view::npos || close == 1) return std::nullopt;
  auto inside = text.substr(1, close - 1);
  if (inside != "*" && inside.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  text.remove_prefix(close + 1);
  return step_of(inside);
}

}  // namespace

std::optional<JsonPath> parse_json_path(std::string_view text, std::string& why) {
  std::optional<JsonPath> path;
  if (text.starts_with('/')) {
    path = parse_pointer(text, why);
  } else if (text.starts_with('$')) {
    path.emplace();
    text.remove_prefix(1);
    while (path && !text.empty()) {
      std::optional<PathStep> step;
      if (text[0] == '[') {
        step = parse_bracket(text);
      } else if (text[0] == '.') {
        text.remove_prefix(1);
        auto end = std::min(text.find_first_of(".["), text.size());
        if (end > 0) step = step_of(text.substr(0, end));
        text.remove_prefix(end);
      }
      if (step) {
        path->push_back(std::move(*step));
      } else {
        why = "is no path: write $.a.b[0], $.a['b'] or $.a.*";
        path.reset();
      }
    }
  } else {
    why = "starts with neither $ nor /";
  }
  if (path && path->size() > most_steps) {
    why = "has more than 64 steps";
    path.reset();
  }
  return path;
}

}  // namespace tandem::metrics
