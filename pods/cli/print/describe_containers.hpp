// The parts of `describe pod` that speak of containers.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "pods/cli/print/indented_text.hpp"

namespace tandem::print {

// Every container of spec.KEY with its status of status.STATUS_KEY.
void describe_containers(const nlohmann::ordered_json& pod, const char* key, const char* status_key, IndentedText& out);

}  // namespace tandem::print
