#include "pods/image/elf.hpp"

#include <elf.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <fstream>
#include <iterator>

#include "core/os/error.hpp"
#include "tests/unit/image/made_elf.hpp"

using namespace tandem;
using image::Elf;
using image::parse_elf;

TEST_CASE("interpreter, needed libraries and search paths are read") {
  const Elf elf = parse_elf(test::make_elf({.interpreter = "/lib64/ld.so",
                                            .needed = {"libone.so.1", "libtwo.so"},
                                            .runpath = "$ORIGIN/../lib::/opt/lib",
                                            .rpath = "/old",
                                            .soname = "libme.so.3"}),
                            "made");
  CHECK(elf.is_64_bit);
  CHECK(elf.machine == EM_X86_64);
  CHECK(elf.interpreter == "/lib64/ld.so");
  CHECK(elf.needed == std::vector<std::string>{"libone.so.1", "libtwo.so"});
  CHECK(elf.runpath == std::vector<std::string>{"$ORIGIN/../lib", "/opt/lib"});
  CHECK(elf.rpath == std::vector<std::string>{"/old"});
  CHECK(elf.soname == "libme.so.3");
}

TEST_CASE("this very test program is read as the loader does") {
  std::ifstream file("/proc/self/exe", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const Elf elf = parse_elf(bytes, "self");
  CHECK(elf.interpreter.find("ld-linux") != std::string::npos);
  CHECK(std::find(elf.needed.begin(), elf.needed.end(), "libc.so.6") != elf.needed.end());
}

TEST_CASE("every truncation is refused or read, never believed") {
  const std::string whole = test::make_elf({.interpreter = "/lib64/ld.so", .needed = {"libone.so.1"}});
  int refused = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    try {
      parse_elf(std::string_view(whole).substr(0, size), "cut");
    } catch (const Error& error) {
      CHECK(error.object() == "cut");
      ++refused;
    }
  }
  CHECK(refused > 100);
}

TEST_CASE("every single byte may be wrong") {
  const std::string whole =
      test::make_elf({.interpreter = "/lib64/ld.so", .needed = {"libone.so.1"}, .runpath = "/a:/b"});
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const char value : {'\0', '\x7f', '\xff'}) {
      std::string damaged = whole;
      damaged[at] = value;
      try {
        parse_elf(damaged, "damaged");
      } catch (const Error&) {
      }
    }
  SUCCEED("nothing crashed, nothing took long");
}

TEST_CASE("what is not ELF, or for another kind of machine, says so") {
  CHECK_THROWS_WITH(parse_elf("#!/bin/sh\n", "script"),
                    Catch::Contains("script") && Catch::Contains("not an ELF file"));
  std::string big_endian = test::make_elf({});
  big_endian[EI_DATA] = ELFDATA2MSB;
  CHECK_THROWS_WITH(parse_elf(big_endian, "x"), Catch::Contains("big-endian"));
}
