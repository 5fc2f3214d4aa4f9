#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "pods/linux/program.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::linux_;

TEST_CASE("what runs a program is read from its first bytes") {
  const test::TemporaryDirectory folder;
  write_file(folder / "script", "#! /usr/bin/env python3\n", 0755);
  CHECK(interpreter_of(folder / "script") == "/usr/bin/env");
  write_file(folder / "empty", "", 0755);
  CHECK(interpreter_of(folder / "empty").empty());
  write_file(folder / "cut", std::string("\177ELF\2\1\1", 7), 0755);
  CHECK(interpreter_of(folder / "cut").empty());
  CHECK(interpreter_of(folder / "absent").empty());
  CHECK(interpreter_of("/bin/sh").find("ld-linux") != std::string::npos);
}

TEST_CASE("an ELF file of lies is read without harm") {
  const test::TemporaryDirectory folder;
  std::string lies = read_file("/bin/sh").substr(0, 4096);
  for (std::size_t at = 16; at < 200; ++at) lies[at] = '\xff';
  write_file(folder / "lies", lies, 0755);
  CHECK(interpreter_of(folder / "lies").empty());
}
