// What is still known of a pod whose records are damaged: what its last status says. Pure.
#pragma once

#include <string>
#include <string_view>

#include "pods/state/pod_state.hpp"

namespace tandem::supervise {

// `status`: the text of status.json. Where it is damaged, too, or does not say: as of a pod that has not begun.
state::PodRecord pod_record_from(std::string_view status);
state::ContainerRecord container_record_from(std::string_view status, const std::string& container);

}  // namespace tandem::supervise
