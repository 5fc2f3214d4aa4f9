// What a plain YAML 1.1 scalar is, the way Kubernetes' YAML library reads it.
#pragma once

#include <string_view>

#include "core/config/node.hpp"

namespace tandem {

Node::Kind resolve_plain_scalar(std::string_view text);

}  // namespace tandem
