#include "adapter/metrics/series_set.hpp"

#include <functional>

namespace tandem::metrics {

bool SeriesSet::insert(std::string_view name, std::string_view labels) {
  std::hash<std::string_view> hash;
  std::uint64_t key = (hash(name) * 0x9e3779b97f4a7c15 + hash(labels)) | 1;
  if (used_ * 2 >= slots_.size()) grow();
  auto mask = slots_.size() - 1;
  auto at = (key >> 7) & mask;
  while (slots_[at] != 0) {
    if (slots_[at] == key) return false;
    at = (at + 1) & mask;
  }
  slots_[at] = key;
  ++used_;
  return true;
}

void SeriesSet::grow() {
  std::vector<std::uint64_t> bigger(slots_.size() * 2);
  auto mask = bigger.size() - 1;
  for (auto key : slots_) {
    if (key == 0) continue;
    auto at = (key >> 7) & mask;
    while (bigger[at] != 0) at = (at + 1) & mask;
    bigger[at] = key;
  }
  slots_ = std::move(bigger);
}

}  // namespace tandem::metrics
