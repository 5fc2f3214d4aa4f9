#include "sidecars/log/record/multiline.hpp"

#include <re2/re2.h>

namespace tandem::shipper {
namespace {

class Patterns : public Multiline {
 public:
  // Either may be nullptr, but not both.
  Patterns(std::unique_ptr<RE2> start, std::unique_ptr<RE2> continuation)
      : start_(std::move(start)), continuation_(std::move(continuation)) {}

  bool continues(std::string_view line, int& state) const override {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const bool first = state == 0;
    state = 1;
    if (first) return false;
    const re2::StringPiece text(line.data(), line.size());
    if (start_ && RE2::PartialMatch(text, *start_)) return false;
    return !continuation_ || RE2::PartialMatch(text, *continuation_);
  }

 private:
  std::unique_ptr<RE2> start_, continuation_;
};

// nullptr without a problem: there is no pattern.
std::unique_ptr<RE2> compile(const char* key, const std::string& pattern, std::string& problem) {
  if (pattern.empty()) return nullptr;
  auto result = std::make_unique<RE2>(pattern, RE2::Quiet);
  if (result->ok()) return result;
  problem = std::string(key) + ": " + result->error();
  return nullptr;
}

}  // namespace

std::shared_ptr<const Multiline> make_multiline(const std::string& start, const std::string& continuation,
                                                std::string& problem) {
  problem.clear();
  auto begins = compile("start", start, problem);
  auto goes_on = problem.empty() ? compile("continuation", continuation, problem) : nullptr;
  if (!problem.empty()) return nullptr;
  if (!begins && !goes_on) {
    problem = "neither start nor continuation is given";
    return nullptr;
  }
  return std::make_shared<Patterns>(std::move(begins), std::move(goes_on));
}

}  // namespace tandem::shipper
