// The main of all tests.
#define CATCH_CONFIG_RUNNER
#include <unistd.h>

#include <catch2/catch.hpp>
#include <iostream>

#include "tests/support/skip.hpp"

namespace tandem::test {

bool is_root() { return ::geteuid() == 0; }

// That of a program not marked SKIPS.
[[gnu::weak]] std::string reason_to_skip() { return ""; }

}  // namespace tandem::test

int main(int argc, char** argv) {
  Catch::Session session;
  if (session.applyCommandLine(argc, argv) != 0) return 1;
  Catch::ConfigData& settings = session.configData();
  const std::string reason = settings.listTestNamesOnly ? "" : tandem::test::reason_to_skip();
  if (!reason.empty()) {
    const bool required = tandem::test::must_run_all();
    std::cerr << (required ? "failed: would skip: " : "skipped: ") << reason << '\n';
    return required ? 1 : 77;
  }
  // No case, or a case without an assertion, is a failure. (-w takes one of the two.)
  settings.warnings = static_cast<Catch::WarnAbout::What>(Catch::WarnAbout::NoTests | Catch::WarnAbout::NoAssertions);
  return session.run() == 0 ? 0 : 1;  // Catch counts the failures, and 77 of them would be a skip.
}
