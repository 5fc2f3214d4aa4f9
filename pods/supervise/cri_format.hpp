// Container output in the CRI log format (kubernetes/design-proposals node/kubelet-cri-logging.md):
//   2026-11-22T10:35:00.123456789Z stdout F a whole line
//   2026-11-22T10:35:00.123456789Z stdout P a part of a line
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace tandem::supervise {

// Every line of `bytes`; what follows the last newline is a part, so that nothing has to be remembered between reads.
std::string cri_lines(std::string_view bytes, std::string_view stream, std::chrono::system_clock::time_point time);

}  // namespace tandem::supervise
