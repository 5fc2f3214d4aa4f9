#include "pods/image/reference.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "core/os/error.hpp"
#include "pods/image/store.hpp"

using tandem::image::full_reference;
using tandem::image::parse_reference;

TEST_CASE("a name as people write it becomes a full reference") {
  const std::string digest = "sha256:" + std::string(64, 'a');
  const struct {
    std::string written, full;
  } rows[] = {
      {"redis", "docker.io/library/redis:latest"},
      {"redis:7", "docker.io/library/redis:7"},
      {"team/web", "docker.io/team/web:latest"},
      {"localhost/web", "localhost/web:latest"},
      {"localhost/tandem/log:0.1.0", "localhost/tandem/log:0.1.0"},
      {"localhost:5000/web", "localhost:5000/web:latest"},
      {"registry.example/a/b-c/d__e:1.0-rc.1", "registry.example/a/b-c/d__e:1.0-rc.1"},
      {"index.docker.io/redis", "docker.io/library/redis:latest"},
      {"redis@" + digest, "docker.io/library/redis@" + digest},
      {"redis:7@" + digest, "docker.io/library/redis:7@" + digest},
      {"host:80/a:tag_1", "host:80/a:tag_1"},
  };
  for (const auto& row : rows) {
    INFO(row.written);
    CHECK(full_reference(row.written) == row.full);
    CHECK(full_reference(row.full) == row.full);
  }
}

TEST_CASE("what is no reference is refused with the reason") {
  const std::string too_long(256, 'a');
  for (const std::string& written :
       {std::string(""), std::string("Redis"), std::string("redis:"), std::string("redis:-x"), std::string("a//b"),
        std::string("/a"), std::string("a/"), std::string("a..b"), std::string("a_-b"), std::string("-a"),
        std::string("redis@sha256:12"), std::string("redis@md5:1"), std::string("host:port/a"),
        std::string("../etc/passwd"), std::string("a b"), std::string("localhost/"), "redis:" + std::string(129, 't'),
        too_long}) {
    INFO(written);
    std::string why;
    CHECK_FALSE(parse_reference(written, &why));
    CHECK_FALSE(why.empty());
    CHECK_THROWS_AS(full_reference(written), tandem::Error);
  }
}
