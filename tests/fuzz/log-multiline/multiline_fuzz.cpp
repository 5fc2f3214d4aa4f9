// Any lines: the rules of all languages at once keep their state's contract, and join every line that one language
// alone would join when all the others have nothing to say.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "sidecars/log/record/multiline.hpp"

using namespace tandem::shipper;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto rules = [] {
    std::vector<std::shared_ptr<const Multiline>> made;
    std::string problem;
    made.push_back(make_stack_trace_rules(stack_trace_languages(), problem));
    for (const auto& language : stack_trace_languages()) made.push_back(make_stack_trace_rules({language}, problem));
    made.push_back(make_multiline("^[0-9]", "", problem));
    made.push_back(make_multiline("^[0-9]", R"(^\s)", problem));
    return made;
  }();
  for (const auto& rule : rules) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    int state = 0;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      // Its own memory, so that a step past its end is seen.
      const std::string line(rest.substr(0, end));
      const int before = state;
      const bool goes_on = rule->continues(line, state);
      if (state == 0) std::abort();
      if (before == 0 && goes_on) std::abort();
      if (!goes_on) {
        int first = 0;
        rule->continues(line, first);
        if (first != state) std::abort();
      }
      rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    }
  }
  return 0;
}
