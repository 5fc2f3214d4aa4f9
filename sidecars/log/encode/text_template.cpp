#include "sidecars/log/encode/text_template.hpp"

#include <algorithm>
#include <ctime>

namespace tandem::shipper {

void TextTemplate::add_text(std::string_view text) {
  if (parts_.empty() || parts_.back().kind != Part::text) parts_.push_back({Part::text, ""});
  parts_.back().value += text;
}

std::optional<TextTemplate> TextTemplate::parse(std::string_view text, bool dates, std::string& problem) {
  TextTemplate out;
  while (!text.empty()) {
    const auto next = std::min(text.find_first_of(dates ? "$%" : "$"), text.size());
    if (next > 0) out.add_text(text.substr(0, next));
    text.remove_prefix(next);
    if (text.empty()) break;
    if (text.starts_with("$$") || text.starts_with("%%")) {
      out.add_text(text.substr(0, 1));
      text.remove_prefix(2);
    } else if (text.starts_with("${")) {
      const auto end = text.find('}');
      if (end == std::string_view::npos || end == 2) {
        problem = end == 2 ? "has a ${} without a field's name" : "has a ${ without a }";
        return std::nullopt;
      }
      out.parts_.push_back({Part::field, std::string(text.substr(2, end - 2))});
      text.remove_prefix(end + 1);
    } else if (text[0] == '%') {
      if (text.size() < 2 || std::string_view("YymdHMj").find(text[1]) == std::string_view::npos) {
        problem = "has a % that is none of %Y %y %m %d %H %M %j %%";
        return std::nullopt;
      }
      out.parts_.push_back({Part::date, std::string(text.substr(0, 2))});
      text.remove_prefix(2);
    } else {
      problem = "has a $ that begins no ${FIELD} ($$ is a $)";
      return std::nullopt;
    }
  }
  return out;
}

bool TextTemplate::append(const Event& event, Buffer& out) const {
  bool complete = true;
  for (const auto& part : parts_) {
    if (part.kind == Part::text) {
      out.append(part.value);
    } else if (part.kind == Part::field) {
      const auto value = event.text(part.value);
      complete = complete && !value.empty();
      out.append(value);
    } else {
      const std::int64_t second = event.time_ns / 1'000'000'000 - (event.time_ns % 1'000'000'000 < 0 ? 1 : 0);
      const auto seconds = static_cast<std::time_t>(second);
      std::tm parts{};
      ::gmtime_r(&seconds, &parts);
      char text[32];
      out.append({text, std::strftime(text, sizeof text, part.value.c_str(), &parts)});
    }
  }
  return complete;
}

bool TextTemplate::is_constant() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.kind == Part::text; });
}

std::vector<std::string> TextTemplate::fields() const {
  std::vector<std::string> names;
  for (const auto& part : parts_)
    if (part.kind == Part::field) names.push_back(part.value);
  return names;
}

}  // namespace tandem::shipper
