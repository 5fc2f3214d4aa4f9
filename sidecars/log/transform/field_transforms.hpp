// The transforms that are not parsers: each a row of transform_types().
#pragma once

#include "sidecars/log/transform/transform.hpp"

namespace tandem::shipper {

TransformType add_transform();
TransformType rename_transform();
TransformType drop_transform();
TransformType keep_transform();
TransformType filter_transform();
TransformType redact_transform();
TransformType sample_transform();
TransformType rate_limit_transform();
TransformType deduplicate_transform();
TransformType metrics_transform();

}  // namespace tandem::shipper
