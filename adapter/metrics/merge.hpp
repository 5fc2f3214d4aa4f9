// Many pages to one.
#pragma once

#include <string>
#include <vector>

#include "adapter/metrics/page.hpp"

namespace tandem::metrics {

struct SourcePage {
  const Page* page = nullptr;
  const Labels* labels = nullptr;
};

struct Merged {
  std::string text;
  std::vector<std::string> dropped;  // the first hundred: "SOURCE-INDEX: FAMILY: why", for people
  std::size_t dropped_count = 0;     // all of them
};

// Families by name, each with one HELP, one TYPE and all its samples. The first page with a family decides its type; an
// untyped family joins a counter or gauge. A family that cannot be joined (another type, a name that a histogram or
// summary already uses with a suffix, the same labels as an earlier page) is dropped and told: the page stays valid.
Merged merge(const std::vector<SourcePage>& pages);

}  // namespace tandem::metrics
