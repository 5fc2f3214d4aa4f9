#include "adapter/metrics/series_set.hpp"

#include <functional>
#include <random>

namespace tandem::metrics {

namespace {

// Unknown to who chooses the series: else they could all want the same place.
std::uint64_t secret_factor() {
  static const std::uint64_t factor = [] {
    std::random_device random;
    return (std::uint64_t{random()} << 32 | random()) | 1;
  }();
  return factor;
}

}  // namespace

bool SeriesSet::insert(std::string_view name, std::string_view labels) {
  std::hash<std::string_view> hash;
  std::uint64_t key = (hash(name) * 0x9e3779b97f4a7c15 + hash(labels)) | 1;
  if (used_ * 2 >= slots_.size()) grow();
  const auto mask = slots_.size() - 1;
  auto at = place(key);
  while (slots_[at] != 0) {
    if (slots_[at] == key) return false;
    at = (at + 1) & mask;
  }
  slots_[at] = key;
  ++used_;
  return true;
}

std::size_t SeriesSet::place(std::uint64_t key) const { return (key * factor_) >> shift_; }

void SeriesSet::grow() {
  const auto smaller = std::move(slots_);
  slots_ = std::vector<std::uint64_t>(smaller.size() * 2);
  --shift_;
  const auto mask = slots_.size() - 1;
  for (auto key : smaller) {
    if (key == 0) continue;
    auto at = place(key);
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = key;
  }
}

SeriesSet::SeriesSet() : factor_(secret_factor()) {}

}  // namespace tandem::metrics
