#include "core/config/problem.hpp"

#include <algorithm>
#include <tuple>

#include "core/text/characters.hpp"

namespace tandem {

std::string to_string(const Problem& problem) {
  std::string text;
  if (!problem.file.empty()) {
    text += problem.file + ":";
    if (problem.mark.line) text += std::to_string(problem.mark.line) + ":" + std::to_string(problem.mark.column) + ":";
    text += " ";
  }
  if (problem.severity == Severity::warning) text += "warning: ";
  if (!problem.path.empty()) text += problem.path + ": ";
  text += problem.message;
  if (!problem.hint.empty()) text += "; " + problem.hint;
  return text;
}

void Problems::append(Problems other) {
  for (auto& problem : other.all_) all_.push_back(std::move(problem));
}

bool Problems::has_errors() const {
  return std::any_of(all_.begin(), all_.end(), [](const Problem& p) { return p.severity == Severity::error; });
}

std::string Problems::text() const {
  std::vector<const Problem*> sorted;
  for (const auto& problem : all_) sorted.push_back(&problem);
  const auto place = [](const Problem* p) { return std::tie(p->file, p->mark.line, p->mark.column); };
  std::stable_sort(sorted.begin(), sorted.end(), [&](auto* a, auto* b) { return place(a) < place(b); });
  std::string text;
  for (const auto* problem : sorted) text += to_string(*problem) + "\n";
  return text;
}

namespace {

// Edit distance where a swap of neighbours counts once and case does not count (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  const auto same = [&](std::size_t i, std::size_t j) { return lower(a[i]) == lower(b[j]); };
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (same(i - 1, j - 1) ? 0 : 1)});
      if (i > 1 && j > 1 && same(i - 1, j - 2) && same(i - 2, j - 1)) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::string closest(std::string_view word, const std::vector<std::string>& known) {
  constexpr std::size_t longest_word = 64;
  if (word.empty() || word.size() > longest_word) return "";
  const std::size_t allowed = word.size() <= 3 ? 1 : word.size() <= 7 ? 2 : 3;
  std::string best;
  std::size_t least = allowed + 1;
  for (const auto& candidate : known) {
    if (candidate.size() > longest_word) continue;
    const std::size_t d = distance(word, candidate);
    if (d < least) {
      least = d;
      best = candidate;
    }
  }
  return best;
}

}  // namespace tandem
