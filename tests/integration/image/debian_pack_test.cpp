#include <catch2/catch.hpp>

#include "tests/integration/image/tool.hpp"
#include "tests/support/skip.hpp"

using namespace tandem;
using test::ImageTool;

std::string test::reason_to_skip() {
  if (!is_root()) return "chroot into a packed image needs root";
  const ImageTool tool;
  const CommandResult probe = tool.run({"pack", "localhost/probe", "--debian", "libcap-ng0"});
  if (probe.status == ExitStatus{}) return "";
  return "Debian's packages cannot be had here: " + probe.errors;
}

TEST_CASE("a server from Debian's packages runs inside its image; packing it again downloads nothing") {
  const ImageTool tool;
  const std::vector<std::string> pack = {"pack",        "localhost/redis", "--debian",     "redis-server",
                                         "redis-tools", "--bin",           "redis-server", "redis-cli",
                                         "--user",      "redis",           "--dir",        "/data"};
  const CommandResult packed = tool.run(pack);
  INFO(packed.errors);
  REQUIRE(packed.status == ExitStatus{});
  CHECK_THAT(packed.errors, Catch::Contains("downloading"));
  CHECK_THAT(tool.inside("localhost/redis", {"redis-server", "--version"}).output,
             Catch::StartsWith("Redis server v=7"));
  CHECK_THAT(tool.inside("localhost/redis", {"redis-cli", "--version"}).output, Catch::StartsWith("redis-cli 7"));

  const fs::path layer = tool.layer("localhost/redis");
  CHECK_FALSE(fs::exists(layer / "usr/share/doc"));
  CHECK_FALSE(fs::exists(layer / "usr/bin/perl"));
  CHECK_FALSE(fs::exists(layer / "usr/bin/redis-benchmark"));
  CHECK(fs::exists(layer / "etc/redis/redis.conf"));
  CHECK(image::find_image(tool.store, "localhost/redis")->size_bytes < 20'000'000);

  const std::string digest = image::find_image(tool.store, "localhost/redis")->digest;
  const CommandResult again = tool.run(pack);
  CHECK(again.status == ExitStatus{});
  CHECK_THAT(again.errors, !Catch::Contains("downloading"));
  CHECK(image::find_image(tool.store, "localhost/redis")->digest == digest);
}

TEST_CASE("a damaged download is brought again") {
  const ImageTool tool;
  REQUIRE(tool.run({"pack", "localhost/x", "--debian", "libcap-ng0"}).status == ExitStatus{});
  const fs::path archives = tool.store / "cache/debian/archives";
  for (const std::string& name : list_directory(archives))
    if (name.starts_with("libcap-ng0_")) write_file(archives / name, std::string(fs::file_size(archives / name), 'x'));
  const CommandResult again = tool.run({"pack", "localhost/x", "--debian", "libcap-ng0"});
  INFO(again.errors);
  CHECK(again.status == ExitStatus{});
  CHECK_THAT(again.errors, Catch::Contains("downloading 1 of"));
}

TEST_CASE("an unknown package, and a program that no package has, are named") {
  const ImageTool tool;
  const CommandResult unknown = tool.run({"pack", "localhost/x", "--debian", "no-such-package-anywhere"});
  CHECK(unknown.status.code == 65);
  CHECK_THAT(unknown.errors, Catch::Contains("no-such-package-anywhere") && Catch::Contains("apt-get update"));
  const CommandResult program = tool.run({"pack", "localhost/x", "--debian", "libcap-ng0", "--bin", "redis-server"});
  CHECK(program.status.code == 65);
  CHECK_THAT(program.errors, Catch::Contains("redis-server") && Catch::Contains("name the package that has it"));
  CHECK(image::list_images(tool.store).empty());
}
