// $(VAR) as Kubernetes expands it (third_party/forked/golang/expansion).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pods/plan/plan.hpp"

namespace tandem::plan {

struct Expanded {
  std::string text;
  bool secret = false;               // a secret variable's value is in it
  std::vector<std::string> missing;  // variables that there are not: left as they stand
};

// "$(NAME)" becomes the variable's value, "$$" becomes "$"; everything else stays, "$(NAME)" of an unknown variable
// too.
Expanded expand(std::string_view text, const std::vector<EnvironmentEntry>& variables);

}  // namespace tandem::plan
