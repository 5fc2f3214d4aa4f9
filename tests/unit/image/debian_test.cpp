#include "pods/image/debian.hpp"

#include <catch2/catch.hpp>

using namespace tandem::image;

TEST_CASE("apt's list of archives is read, and everything else in it passed over") {
  const auto archives = parse_print_uris(
      "Reading package lists...\n"
      "'http://host/pool/r/redis-server_7.0.15-1%7edeb12u10_amd64.deb' redis-server_5%3a7.0.15-1~deb12u10_amd64.deb "
      "73908 "
      "SHA256:ab12\n"
      "'http://host/x_1_all.deb' x_1_all.deb 12 \n"
      "'http://host/evil' ../../evil_1_all.deb 12 SHA256:00\n"
      "'http://host/y_1_all.deb' y_1_all.deb many\n"
      "'unterminated y_1_all.deb 5\n");
  REQUIRE(archives.size() == 2);
  CHECK(archives[0].package == "redis-server");
  CHECK(archives[0].size_bytes == 73908);
  CHECK(archives[0].sha256 == "ab12");
  CHECK(archives[1].file == "x_1_all.deb");
  CHECK(archives[1].sha256.empty());
}

TEST_CASE("documentation and what only installing needs is left out, by whole names") {
  CHECK(is_documentation("/usr/share/doc/redis/README"));
  CHECK(is_documentation("/usr/share/man"));
  CHECK(is_documentation("/etc/init.d/nginx"));
  CHECK_FALSE(is_documentation("/usr/share/documents/x"));
  CHECK_FALSE(is_documentation("/etc/nginx/nginx.conf"));
  CHECK_FALSE(is_documentation("/usr/lib/x86_64-linux-gnu/libc.so.6"));
}
