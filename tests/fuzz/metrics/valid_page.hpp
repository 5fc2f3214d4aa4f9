// What must hold for every input of every format.
#pragma once

#include <cstdlib>

#include "adapter/metrics/merge.hpp"
#include "adapter/metrics/prometheus_text.hpp"

namespace tandem::metrics {

// The page, merged with itself under other labels, is one that our own strict reader takes without a problem and with
// every sample.
inline void require_valid(const Page& page, const Labels& labels, const Page& other, const Labels& other_labels) {
  auto merged = merge({{&page, &labels}, {&other, &other_labels}});
  static const Labels none;
  PageLimits wider;  // escapes, and exported_ before a label's name, make them longer
  wider.name_bytes *= 2;
  wider.label_bytes *= 2;
  auto again = parse_prometheus(merged.text, none, wider);
  if (again.problem_count != 0) std::abort();
  if (merged.dropped.empty() && again.samples() != page.samples() + other.samples()) std::abort();
}

inline const Labels fuzz_labels{{{"container", "we\"b\n"}, {"x", "y"}}};
inline const Labels other_labels{{{"container", "other"}}};

}  // namespace tandem::metrics
