#include "pods/image/oci.hpp"

#include <catch2/catch.hpp>

#include "core/os/error.hpp"

using namespace tandem::image;

namespace {
const std::string digest = "sha256:" + std::string(64, '1');
}

TEST_CASE("a manifest and a config are read, and null counts as absent") {
  const Manifest manifest =
      parse_manifest(R"({"config":{"digest":")" + digest + R"(","size":7},"layers":[{"digest":")" + digest +
                         R"(","size":9,"mediaType":"x"}],"annotations":null})",
                     "m");
  CHECK(manifest.config.size_bytes == 7);
  REQUIRE(manifest.layers.size() == 1);
  CHECK(manifest.layers[0].size_bytes == 9);
  const ImageConfig config =
      parse_image_config(R"({"config":{"Entrypoint":["/a","-b"],"Cmd":null,"Env":["A=1"],"User":"5",
      "Labels":{"x":"y"},"StopSignal":"SIGQUIT"},"rootfs":{"type":"layers","diff_ids":[")" +
                             digest + R"("]}})",
                         "c");
  CHECK(config.entrypoint == std::vector<std::string>{"/a", "-b"});
  CHECK(config.command.empty());
  CHECK(config.diff_ids == std::vector<std::string>{digest});
  CHECK(config.labels.at("x") == "y");
}

TEST_CASE("a digest that could be a path is never believed") {
  CHECK(digest_hex("sha256:../../../../etc/passwd").empty());
  CHECK(digest_hex("sha256:" + std::string(64, 'A')).empty());
  CHECK(digest_hex("sha512:" + std::string(64, 'a')).empty());
  CHECK(digest_hex(digest) == std::string(64, '1'));
  CHECK_THROWS_AS(parse_index(R"({"manifests":[{"digest":"sha256:../../x"}]})", "index"), tandem::Error);
}

TEST_CASE("damaged documents say which file they are") {
  for (const char* text :
       {"", "[]", "{", "null", R"({"config":5})", R"({"config":{"digest":5}})", R"({"manifests":{}})"}) {
    INFO(text);
    CHECK_THROWS_WITH(parse_manifest(text, "THE-FILE"), Catch::Contains("THE-FILE"));
  }
}
