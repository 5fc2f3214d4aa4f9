// Tests that need root or a server: they say why they skip, and with TANDEM_REQUIRE_ALL=1 a skip is a failure.
#pragma once

#include <string>

namespace tandem::test {

// Each program marked SKIPS defines this: an empty text means "can run", anything else is the reason to skip.
std::string reason_to_skip();

bool is_root();

}  // namespace tandem::test
