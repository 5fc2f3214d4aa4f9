// Golden folders: tests/golden/AREA/CASE/{input.yaml,expected.txt}. A new case is a new folder. With
// TANDEM_UPDATE_GOLDEN=1 expected.txt is written instead of compared: read the difference before committing it.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

#include "core/os/files.hpp"

namespace tandem::test {

inline void check_golden(const std::string& area, const std::function<std::string(const std::string& input)>& render) {
  const fs::path root = fs::path(TANDEM_SOURCE_DIR) / "tests/golden" / area;
  const std::vector<std::string> cases = list_directory(root);
  REQUIRE_FALSE(cases.empty());
  for (const std::string& name : cases) {
    const std::string actual = render(read_file(root / name / "input.yaml"));
    const fs::path expected = root / name / "expected.txt";
    if (std::getenv("TANDEM_UPDATE_GOLDEN")) write_file(expected, actual);
    INFO(area << "/" << name);
    CHECK(actual == read_file_if_exists(expected).value_or("(no expected.txt)"));
  }
}

}  // namespace tandem::test
