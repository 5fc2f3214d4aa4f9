#include <array>
#include <cstdint>

#include "sidecars/log/record/multiline.hpp"
#include "sidecars/log/record/multiline_language.hpp"

namespace tandem::shipper {
namespace {

const TraceLanguage* const languages_known[] = {&java_traces, &python_traces, &go_traces,
                                                &cpp_traces,  &node_traces,   &ruby_traces};

// The states of all languages in one int: four bits each, and above them a one, so that no state is 0.
constexpr int bits = 4;
constexpr int plain = 1 << (bits * std::size(languages_known));

class StackTraces : public Multiline {
 public:
  explicit StackTraces(std::vector<const TraceLanguage*> languages) : languages_(std::move(languages)) {
    for (const auto* language : languages_) {
      for (const char c : language->first_bytes) first_[static_cast<unsigned char>(c)] = true;
      for (const char c : language->last_bytes) last_[static_cast<unsigned char>(c)] = true;
    }
  }

  bool continues(std::string_view line, int& state) const override {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (state == plain || state == 0) {
      // What nearly all lines are.
      if (line.empty() ||
          (!first_[static_cast<unsigned char>(line.front())] && !last_[static_cast<unsigned char>(line.back())])) {
        state = plain;
        return false;
      }
    }
    if (state != 0 && goes_on(line, state)) return true;
    state = plain;
    for (std::size_t i = 0; i < languages_.size(); ++i) state |= languages_[i]->begins(line) << (bits * i);
    return false;
  }

 private:
  bool goes_on(std::string_view line, int& state) const {
    int after = plain;
    bool any = false;
    for (std::size_t i = 0; i < languages_.size(); ++i) {
      const int next = languages_[i]->goes_on(line, (state >> (bits * i)) & ((1 << bits) - 1));
      if (next == no_trace_line) continue;
      any = true;
      after |= next << (bits * i);
    }
    if (any) state = after;
    return any;
  }

  std::vector<const TraceLanguage*> languages_;
  std::array<bool, 256> first_{}, last_{};
};

}  // namespace

const std::vector<std::string>& stack_trace_languages() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> result;
    for (const auto* language : languages_known) result.emplace_back(language->name);
    return result;
  }();
  return names;
}

std::shared_ptr<const Multiline> make_stack_trace_rules(const std::vector<std::string>& languages,
                                                        std::string& problem) {
  std::vector<const TraceLanguage*> chosen;
  for (const auto* language : languages_known)
    for (const auto& name : languages)
      if (name == language->name && (chosen.empty() || chosen.back() != language)) chosen.push_back(language);
  for (const auto& name : languages) {
    bool known = false;
    for (const auto* language : chosen) known |= name == language->name;
    if (known) continue;
    problem = "there are no rules for stack traces of \"" + name + "\"";
    return nullptr;
  }
  if (chosen.empty()) {
    problem = "no language is named";
    return nullptr;
  }
  return std::make_shared<StackTraces>(std::move(chosen));
}

}  // namespace tandem::shipper
