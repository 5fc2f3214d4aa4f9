// Fields of a record as members of JSON objects, for the formats whose objects begin in their own way.
#pragma once

#include <cstdint>
#include <string_view>

#include "sidecars/log/buffer.hpp"
#include "sidecars/log/record/event.hpp"

namespace tandem::shipper {

// `,"name":value` for every field but `left_out` (one of them, or nullptr); no comma before the first when `first` is
// true.
void append_members(const Event& event, const Field* left_out, bool first, Buffer& out);

// "2026-11-22T10:00:00.123456Z", with `digits` (6 or 9) after the point, without quotes; at most 40 bytes. Negative
// times and years past 9999 are written as they are.
char* write_time(std::int64_t epoch_ns, int digits, char* to);

inline char* put(std::string_view text, char* to) { return to + text.copy(to, text.size()); }

}  // namespace tandem::shipper
