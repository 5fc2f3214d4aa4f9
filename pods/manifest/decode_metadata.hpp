// metadata of any kind.
#pragma once

#include "pods/manifest/fields.hpp"
#include "pods/manifest/manifest.hpp"

namespace tandem::manifest {

Metadata decode_metadata(const Fields& object, const Options& options, Fields::Rule name_rule);

}  // namespace tandem::manifest
