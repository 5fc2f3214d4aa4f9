// The files of the zone database (TZif, RFC 8536).
#pragma once

#include <optional>
#include <string_view>

#include "sidecars/log/record/zone_rule.hpp"

namespace tandem::shipper {

// Versions 1 to 4; what follows the file's last change is worked out from its footer. nullopt: damaged, or it counts
// leap seconds, which no log's clock does.
std::optional<ZoneHistory> decode_zone_file(std::string_view bytes);

}  // namespace tandem::shipper
