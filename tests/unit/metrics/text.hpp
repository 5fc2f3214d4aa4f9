// Shared by the tests of formats.
#pragma once

#include <string>

#include "adapter/metrics/merge.hpp"
#include "adapter/metrics/page.hpp"

namespace tandem::metrics {

inline const Labels web{{{"container", "web"}}};

// The page as it would be served alone.
inline std::string text_of(const Page& page) { return merge({{&page, &web}}).text; }

inline const Family* family_of(const Page& page, const std::string& name) {
  for (const auto& family : page.families)
    if (family.name == name) return &family;
  return nullptr;
}

}  // namespace tandem::metrics
