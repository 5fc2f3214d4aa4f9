#include "core/observe/mask_secret.hpp"

#include <catch2/catch.hpp>

using namespace tandem::observe;

TEST_CASE("a secret is masked wherever it stands in what somebody says") {
  CHECK(mask_secret("you sent hunter2, hunter2!", "hunter2") == "you sent ***, ***!");
  CHECK(mask_secret("you sent nothing", "hunter2") == "you sent nothing");
  CHECK(mask_secret("text", "") == "text");
}
