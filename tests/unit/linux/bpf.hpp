// Evaluates a seccomp filter as the kernel would, so that tests can ask it about any system call.
#pragma once

#include <linux/seccomp.h>

#include "pods/linux/seccomp.hpp"

namespace tandem::test {

// The filter's answer (SECCOMP_RET_*). Throws std::runtime_error for an instruction that seccomp(2) would refuse.
std::uint32_t evaluate(const linux_::SeccompFilter& filter, const seccomp_data& call);

}  // namespace tandem::test
