// `multiline` of a source: which lines are one record.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "core/config/reader.hpp"
#include "core/run/config_keys.hpp"
#include "sidecars/log/record/multiline.hpp"

namespace tandem::shipper {

struct MultilineSettings {
  std::shared_ptr<const Multiline> rules;  // nullptr: every line is a record
  std::uint64_t most_lines = 1000;         // the record that has so many is full; the next line begins another
  std::chrono::nanoseconds patience = std::chrono::seconds(1);  // how long a record waits for another line
};

const run::ConfigTable& multiline_keys();  // with "sources[]."

// Asks `source` for its key `multiline`; what is wrong is added to its problems.
MultilineSettings read_multiline(Reader& source);

}  // namespace tandem::shipper
