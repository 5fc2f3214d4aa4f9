#include "sidecars/log/transform/field_transforms.hpp"
#include "sidecars/log/transform/parsers.hpp"
#include "sidecars/log/transform/transform.hpp"

namespace tandem::shipper {

const std::vector<TransformType>& transform_types() {
  static const std::vector<TransformType> types = {
      json_transform(),   logfmt_transform(),  combined_transform(), nginx_transform(),      apache_transform(),
      regex_transform(),  time_transform(),    add_transform(),      rename_transform(),     drop_transform(),
      keep_transform(),   filter_transform(),  sample_transform(),   rate_limit_transform(), deduplicate_transform(),
      redact_transform(), metrics_transform(), syslog_transform(),
  };
  return types;
}

}  // namespace tandem::shipper
