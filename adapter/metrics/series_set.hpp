// Which series were there already: a flat set of 64-bit hashes, without an allocation per series.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tandem::metrics {

class SeriesSet {
 public:
  SeriesSet();
  bool insert(std::string_view name, std::string_view labels);  // false: it was there

 private:
  std::size_t place(std::uint64_t key) const;
  void grow();

  std::uint64_t factor_;
  std::vector<std::uint64_t> slots_ = std::vector<std::uint64_t>(256);  // 0: free; a power of two
  int shift_ = 64 - 8;                                                  // its exponent below 64
  std::size_t used_ = 0;
};

}  // namespace tandem::metrics
