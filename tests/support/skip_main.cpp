#define CATCH_CONFIG_RUNNER
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>

#include "tests/support/skip.hpp"

namespace tandem::test {

bool is_root() { return ::geteuid() == 0; }

}  // namespace tandem::test

int main(int argc, char** argv) {
  const std::string reason = tandem::test::reason_to_skip();
  if (!reason.empty()) {
    const char* all = std::getenv("TANDEM_REQUIRE_ALL");
    const bool required = all && std::string(all) == "1";
    std::cerr << (required ? "failed: would skip: " : "skipped: ") << reason << '\n';
    return required ? 1 : 77;
  }
  return Catch::Session().run(argc, argv);
}
