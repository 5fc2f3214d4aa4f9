// Times by a pattern like strptime's (time_format.hpp).
#pragma once

#include <memory>
#include <string>

#include "sidecars/log/record/time_fields.hpp"
#include "sidecars/log/record/time_format.hpp"

namespace tandem::shipper {

// nullptr: `problem` ("format: ...") names the directive that is not known, or what is missing.
std::shared_ptr<const TimeFormat> make_time_pattern(const std::string& pattern, const Zone& zone, std::string& problem);

}  // namespace tandem::shipper
