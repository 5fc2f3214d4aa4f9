// `tandem-log test CONFIG [SOURCE] < SAMPLE`: what becomes of each record on its way to each sink.
#pragma once

#include <cstdio>
#include <string>

#include "sidecars/log/settings.hpp"

namespace tandem::shipper {

// Writes to `out`, for each record of `sample`, its line's number and text, and what each sink would send of it or
// which transform drops it. Formats that are not text are shown as the JSON record they are made of. Throws Error{user}
// when there is no source of that name; "" is the first.
void show_sample(const Settings& settings, const std::string& source, const std::string& sample, std::FILE* out);

}  // namespace tandem::shipper
