// What these tests share: the three example pods as the demo launches them, in a machine of the test program's own.
#pragma once

#include <string>
#include <vector>

#include "tests/support/machine.hpp"

namespace tandem::test {

// The pods are launched at the first call, and kept for all the tests of the program.
Machine& machine();
void launch_again();  // after they were deleted

// `words` and then each manifest with its -f.
std::vector<std::string> with_manifests(std::vector<std::string> words);

}  // namespace tandem::test
