// Tests that need root or a server: they say why they skip, and with TANDEM_REQUIRE_ALL=1 a skip is a failure.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <string_view>

namespace tandem::test {

// Each program marked SKIPS defines this: an empty text means "can run", anything else is the reason to skip.
std::string reason_to_skip();

bool is_root();

inline bool must_run_all() {
  const char* all = std::getenv("TANDEM_REQUIRE_ALL");
  return all && std::string_view(all) == "1";
}

// For one case of a program, or the rest of it, also in one that is not marked SKIPS: `return skip("no logger(1)
// here");`
inline void skip(const std::string& reason) {
  if (must_run_all()) FAIL("would skip: " << reason);
  WARN("skipped: " << reason);
  SUCCEED("a case without an assertion fails");
}

}  // namespace tandem::test
