#include "pods/plan/expand.hpp"

#include <algorithm>

namespace tandem::plan {

Expanded expand(std::string_view text, const std::vector<EnvironmentEntry>& variables) {
  Expanded out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$' || i + 1 == text.size()) {
      out.text += text[i];
      continue;
    }
    const std::size_t end = text[i + 1] == '(' ? text.find(')', i) : std::string_view::npos;
    if (end == std::string_view::npos) {  // "$$", "$x", or "$(" that never closes
      if (text[i + 1] != '$') out.text += '$';
      out.text += text[++i];
      continue;
    }
    const std::string_view name = text.substr(i + 2, end - i - 2);
    const auto found =
        std::find_if(variables.begin(), variables.end(), [&](const auto& entry) { return entry.name == name; });
    if (found == variables.end()) {
      out.text += text.substr(i, end - i + 1);
      out.missing.emplace_back(name);
    } else {
      out.text += found->value;
      out.secret = out.secret || found->secret;
    }
    i = end;
  }
  return out;
}

}  // namespace tandem::plan
