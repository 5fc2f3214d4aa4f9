// Where records come from, as the config says it.
#pragma once

#include <string>

#include "core/config/reader.hpp"
#include "core/run/config_keys.hpp"
#include "sidecars/log/listing.hpp"

namespace tandem::shipper {

const run::ConfigTable& source_keys();  // with "sources[]."

Source read_source(Reader& item, std::string name);

struct Settings;
// What only the whole config tells: where spools are, and whether some sink takes what is deleted when all have it.
void settle_sources(Settings& settings, Reader& reader);

std::string spool_directory(const std::string& state_dir, const std::string& source);

}  // namespace tandem::shipper
