#include "core/os/error.hpp"

#include <catch2/catch.hpp>

#include "core/os/check.hpp"

using namespace tandem;

TEST_CASE("an error says what was tried, on what, why it failed and what to do") {
  const Error error(Fault::environment, "mount", "/x", "Permission denied", "run as root");
  CHECK(std::string(error.what()) == "mount /x: Permission denied (run as root)");
  CHECK(std::string(Error(Fault::user, "", "", "no such pod").what()) == "no such pod");
}

TEST_CASE("exit codes say whose fault it was") {
  CHECK(exit_code(Fault::user) == 64);
  CHECK(exit_code(Fault::input) == 65);
  CHECK(exit_code(Fault::environment) == 69);
  CHECK(exit_code(Fault::bug) == 70);
}

TEST_CASE("an interrupted call is made again, a failed one names its errno") {
  int calls = 0;
  const auto interrupted_twice = [&] {
    errno = EINTR;
    return ++calls < 3 ? -1 : 5;
  };
  CHECK(check(interrupted_twice, "call") == 5);
  const auto refused = [] {
    errno = EACCES;
    return -1;
  };
  CHECK(attempt(refused) == -EACCES);
  try {
    check(refused, "open", "/etc/shadow");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.error_number() == EACCES);
    CHECK(error.object() == "/etc/shadow");
  }
}
