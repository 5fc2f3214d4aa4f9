// Which series were there already: a flat set of 64-bit hashes, without an allocation per series.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace tandem::metrics {

class SeriesSet {
 public:
  bool insert(std::string_view name, std::string_view labels);  // false: it was there

 private:
  void grow();

  std::vector<std::uint64_t> slots_ = std::vector<std::uint64_t>(256);  // 0: free
  std::size_t used_ = 0;
};

}  // namespace tandem::metrics
