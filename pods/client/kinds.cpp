#include "pods/client/kinds.hpp"

#include <algorithm>

#include "core/config/problem.hpp"
#include "core/os/error.hpp"

namespace tandem::client {

namespace {

struct Row {
  Kind kind;
  const char* api;
  const char* shown;
  std::vector<std::string> spellings;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> all{
      {Kind::pod, "Pod", "pod", {"pod", "pods", "po"}},
      {Kind::config_map, "ConfigMap", "configmap", {"configmap", "configmaps", "cm"}},
      {Kind::secret, "Secret", "secret", {"secret", "secrets"}},
      {Kind::service, "Service", "service", {"service", "services", "svc"}},
  };
  return all;
}

const Row& row_of(Kind kind) {
  return *std::find_if(rows().begin(), rows().end(), [&](const Row& row) { return row.kind == kind; });
}

}  // namespace

const char* api_name(Kind kind) { return row_of(kind).api; }
const char* short_name(Kind kind) { return row_of(kind).shown; }

Kind parse_kind(const std::string& text) {
  std::vector<std::string> known;
  for (const auto& row : rows()) {
    if (std::find(row.spellings.begin(), row.spellings.end(), text) != row.spellings.end() || text == row.api)
      return row.kind;
    known.insert(known.end(), row.spellings.begin(), row.spellings.end());
  }
  const std::string near = closest(text, known);
  throw Error(Fault::user, "find kind", text, "there is no such kind here",
              near.empty() ? "one of: pods, configmaps, secrets, services" : "did you mean \"" + near + "\"?");
}

std::vector<std::pair<Kind, std::string>> parse_names(const std::vector<std::string>& words, bool all) {
  std::vector<std::pair<Kind, std::string>> names;
  if (words.empty()) return names;
  if (words.front().find('/') != std::string::npos) {
    for (const auto& word : words) {
      const std::size_t slash = word.find('/');
      if (slash == std::string::npos || slash + 1 == word.size())
        throw Error(Fault::user, "read", word, "not of the form KIND/NAME");
      names.emplace_back(parse_kind(word.substr(0, slash)), word.substr(slash + 1));
    }
    return names;
  }
  const Kind kind = parse_kind(words.front());
  for (std::size_t i = 1; i < words.size(); ++i) names.emplace_back(kind, words[i]);
  if (words.size() > 1) return names;
  if (!all) throw Error(Fault::user, "read", words.front(), "no name is given", "name some, or say --all");
  return {{kind, ""}};
}

}  // namespace tandem::client
