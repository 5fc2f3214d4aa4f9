#include "core/config/problem.hpp"

#include <algorithm>
#include <functional>
#include <tuple>

#include "core/text/characters.hpp"

namespace tandem {

namespace {

constexpr std::size_t most_kept = 100, most_counted = 10'000;  // of a file

std::size_t hash_of(const Problem& problem) {
  std::size_t all = 0;
  const auto add = [&](std::size_t value) { all ^= value + 0x9e3779b97f4a7c15u + (all << 6) + (all >> 2); };
  for (const std::string* text : {&problem.file, &problem.path, &problem.message}) add(std::hash<std::string>()(*text));
  add(problem.mark.line);
  add(problem.mark.column);
  return all;
}

}  // namespace

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

void Problems::add(Problem problem) {
  const bool error = problem.severity == Severity::error;
  errors_ = errors_ || error;
  File& file = files_[problem.file];
  if (file.more >= most_counted && (!error || file.errors == most_kept)) return;
  if (!said_.insert(hash_of(problem)).second) return;
  if (file.errors + file.warnings == most_kept) {
    ++file.more;
    if (!error || file.warnings == 0) {
      file.more_errors = file.more_errors || error;
      return;
    }
    const auto last = std::find_if(all_.rbegin(), all_.rend(), [&](const Problem& kept) {
      return kept.severity == Severity::warning && kept.file == problem.file;
    });
    all_.erase(std::next(last).base());
    --file.warnings;
  }
  ++(error ? file.errors : file.warnings);
  all_.push_back(std::move(problem));
}

void Problems::append(const Problems& other) {
  for (const auto& problem : other.all_) add(problem);
  for (const auto& [name, theirs] : other.files_) {
    File& file = files_[name];
    file.more += theirs.more;
    file.more_errors = file.more_errors || theirs.more_errors;
  }
  errors_ = errors_ || other.errors_;
}

bool Problems::full(const std::string& file) const {
  const auto found = files_.find(file);
  return found != files_.end() && found->second.errors == most_kept;
}

void Problems::edit(const std::function<void(Problem&)>& change) {
  for (auto& problem : all_) change(problem);
}

std::string Problems::text() const {
  std::vector<const Problem*> sorted;
  for (const auto& problem : all_) sorted.push_back(&problem);
  const auto place = [](const Problem* p) { return std::tie(p->file, p->mark.line, p->mark.column); };
  std::stable_sort(sorted.begin(), sorted.end(), [&](auto* a, auto* b) { return place(a) < place(b); });
  std::string text;
  for (const auto* problem : sorted) text += to_string(*problem) + "\n";
  for (const auto& [name, file] : files_) {
    if (file.more == 0) continue;
    const std::string many = (file.more >= most_counted ? "at least " : "") + std::to_string(file.more);
    text += to_string({name,
                       {},
                       "",
                       many + " more " + (file.more == 1 ? "problem" : "problems"),
                       "mend these first",
                       file.more_errors ? Severity::error : Severity::warning}) +
            "\n";
  }
  return text;
}

std::string shown_key(std::string_view key) {
  constexpr std::size_t longest_shown = 64;
  const bool is_key = !key.empty() && key.size() <= longest_shown && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
  return is_key ? "\"" + std::string(key) + "\"" : "(a key of " + std::to_string(key.size()) + " bytes)";
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
