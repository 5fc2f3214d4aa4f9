#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/image/layer_file.hpp"
#include "pods/image/store.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using image::find_user;
using image::UserIds;

namespace {

struct Layers {
  test::TemporaryDirectory directory;
  image::Image image;
  fs::path add(const std::string& name) {
    const fs::path layer = directory / name;
    make_directories(layer / "etc");
    image.layers.push_back(layer);
    return layer;
  }
};

constexpr const char* passwd =
    "root:x:0:0:root:/root:/bin/sh\n"
    "garbage\n"
    "broken:x:many:0::/:\n"
    "redis:x:999:998:Redis,,,:/var/lib/redis:/bin/false\n"
    "1234:x:77:78::/digits:\n";
constexpr const char* group = "root:x:0:\nredis:x:998:\nlogs:x:4:syslog,redis\ntty:x:5:root\n";

}  // namespace

TEST_CASE("users are found by name and number, with their groups") {
  Layers layers;
  const fs::path layer = layers.add("one");
  write_file(layer / "etc/passwd", passwd);
  write_file(layer / "etc/group", group);
  const auto ids = [&](const std::string& text) {
    const UserIds found = find_user(layers.image, text);
    return std::tuple(found.uid, found.gid, found.groups, found.home);
  };
  using Groups = std::vector<std::uint32_t>;
  CHECK(ids("") == std::tuple(0u, 0u, Groups{5}, "/root"));
  CHECK(ids("redis") == std::tuple(999u, 998u, Groups{4}, "/var/lib/redis"));
  CHECK(ids("999") == std::tuple(999u, 998u, Groups{4}, "/var/lib/redis"));
  CHECK(ids("redis:logs") == std::tuple(999u, 4u, Groups{}, "/var/lib/redis"));
  CHECK(ids("5000") == std::tuple(5000u, 0u, Groups{}, "/"));
  CHECK(ids("5000:6000") == std::tuple(5000u, 6000u, Groups{}, "/"));
  CHECK(ids("1234") == std::tuple(77u, 78u, Groups{}, "/digits"));
  CHECK_THROWS_WITH(find_user(layers.image, "nginx"), Catch::Contains("nginx") && Catch::Contains("etc/passwd"));
  CHECK_THROWS_AS(find_user(layers.image, "redis:nogroup"), Error);
  CHECK_THROWS_AS(find_user(layers.image, "redis:"), Error);
  CHECK_THROWS_AS(find_user(layers.image, "4294967295"), Error);
}

TEST_CASE("an image without passwd knows numbers only") {
  Layers layers;
  layers.add("one");
  CHECK(find_user(layers.image, "7:8").gid == 8);
  CHECK(find_user(layers.image, "").uid == 0);
  CHECK_THROWS_AS(find_user(layers.image, "redis"), Error);
}

TEST_CASE("symlinks of a layer stay inside the image") {
  Layers layers;
  const fs::path layer = layers.add("one");
  write_file(layers.directory / "secret", "outside:x:1:1::/:\n");
  const auto read = [&] { return image::read_layer_file(layers.image.layers, "etc/passwd"); };
  SECTION("relative, upwards: the root is where .. ends") {
    fs::create_symlink("../../../../../../../../" + (layers.directory / "secret").string(), layer / "etc/passwd");
    CHECK_FALSE(read());
  }
  SECTION("absolute: looked up in the image") {
    fs::create_symlink(layers.directory / "secret", layer / "etc/passwd");
    CHECK_FALSE(read());
    fs::remove(layer / "etc/passwd");
    make_directories(layer / "usr/lib");
    write_file(layer / "usr/lib/passwd", "inside");
    fs::create_symlink("/usr/lib/passwd", layer / "etc/passwd");
    CHECK(read() == "inside");
  }
  SECTION("a directory that is a symlink to the outside") {
    fs::remove_all(layer / "etc");
    make_directories(layers.directory / "etc-outside");
    write_file(layers.directory / "etc-outside/passwd", "outside");
    fs::create_directory_symlink(layers.directory / "etc-outside", layer / "etc");
    CHECK_FALSE(read());
  }
  SECTION("a loop ends") {
    fs::create_symlink("group", layer / "etc/passwd");
    fs::create_symlink("passwd", layer / "etc/group");
    CHECK_FALSE(read());
  }
  SECTION("no regular file") {
    fs::create_directory(layer / "etc/passwd");
    CHECK_FALSE(read());
  }
}

TEST_CASE("the topmost layer wins, and symlinks lead through all layers") {
  Layers layers;
  const fs::path lower = layers.add("lower"), upper = layers.add("upper");
  write_file(lower / "etc/passwd", "lower");
  write_file(lower / "etc/group", "lower");
  write_file(upper / "etc/passwd", "upper");
  CHECK(image::read_layer_file(layers.image.layers, "etc/passwd") == "upper");
  CHECK(image::read_layer_file(layers.image.layers, "/etc//group") == "lower");
  fs::remove(upper / "etc/passwd");
  fs::create_symlink("../opt/users", upper / "etc/passwd");
  make_directories(lower / "opt");
  write_file(lower / "opt/users", "across");
  CHECK(image::read_layer_file(layers.image.layers, "etc/passwd") == "across");
  write_file(upper / "etc/large", std::string(1000, 'x'));
  CHECK_THROWS_AS(image::read_layer_file(layers.image.layers, "etc/large", 999), Error);
}
