// Where records come from, as the config says it.
#pragma once

#include <string>

#include "core/config/reader.hpp"
#include "core/run/config_keys.hpp"
#include "sidecars/log/listing.hpp"

namespace tandem::shipper {

const run::ConfigTable& source_keys();  // with "sources[]."

Source read_source(Reader& item, std::string name);

}  // namespace tandem::shipper
