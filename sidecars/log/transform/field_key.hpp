// Some fields of a record as one key.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/config/reader.hpp"
#include "sidecars/log/record/event.hpp"

namespace tandem::shipper {

constexpr std::size_t most_keys = 10'000;  // of which a transform knows something, at a time

class FieldKey {
 public:
  explicit FieldKey(std::vector<std::string> fields) : fields_(std::move(fields)) {}

  // The same for records with the same values; a missing field differs from an empty one. 64 bits: of 10,000 keys two
  // are taken for one with a chance of 3 in 10^12.
  std::uint64_t of(const Event& event);

 private:
  std::vector<std::string> fields_;
  std::string bytes_;
};

// One name or a list of names.
std::vector<std::string> read_names_or_name(Reader& item, const std::string& key);

}  // namespace tandem::shipper
