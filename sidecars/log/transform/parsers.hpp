// The transforms that find fields in a text: each a row of transform_types().
#pragma once

#include "sidecars/log/transform/transform.hpp"

namespace tandem::shipper {

TransformType json_transform();
TransformType logfmt_transform();
TransformType combined_transform();
TransformType nginx_transform();   // combined, by another name
TransformType apache_transform();  // the same
TransformType regex_transform();
TransformType time_transform();
TransformType syslog_transform();

}  // namespace tandem::shipper
