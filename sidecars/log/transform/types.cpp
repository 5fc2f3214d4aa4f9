#include "sidecars/log/transform/transform.hpp"

namespace tandem::shipper {

const std::vector<TransformType>& transform_types() {
  static const std::vector<TransformType> types = {};
  return types;
}

}  // namespace tandem::shipper
