#include "pods/image/store.hpp"

#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/image/packing.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::image;

namespace {

struct Store {
  test::TemporaryDirectory directory;
  fs::path images = directory / "images", pods = directory / "pods", root = directory / "root";

  Store() {
    make_directories(root / "bin");
    write_file(root / "bin/program", "#!/bin/sh\n", 0755);
    write_file(root / "data", std::string(5000, 'd'), 0600);
  }
  StoredImage pack(const std::string& name, std::map<std::string, std::string> labels = {}) {
    PackRequest request;
    request.root = root;
    request.entrypoint = {"/bin/program"};
    request.user = "redis";
    request.labels = std::move(labels);
    return pack_image(images, pods, full_reference(name), request, [](const std::string&) {});
  }
  std::size_t layers() const { return list_directory(images / "layers").size(); }
  std::size_t blobs() const { return list_directory(images / "blobs/sha256").size(); }
  StoreWriter writer() const { return {images, pods}; }
  // As a pod's supervisor leaves it.
  void run_pod(const Image& image) const {
    make_directories(pods / "0123456789ab");
    write_file(pods / "0123456789ab/plan.json",
               R"({"id":"0123456789ab","name":"web","namespace":"default","containers":[{"imageID":")" + image.id +
                   R"(","layers":[")" + image.layers.at(0) + R"("]}]})");
  }
};

}  // namespace

TEST_CASE("an absent store is empty") {
  test::TemporaryDirectory directory;
  CHECK(list_images(directory / "none").empty());
  CHECK_FALSE(find_image(directory / "none", "localhost/x"));
}

TEST_CASE("what was packed is found by name and by digest, with its layer unpacked") {
  Store store;
  const StoredImage stored = store.pack("localhost/x:1", {{"a", "b"}});
  for (const std::string& name :
       {std::string("localhost/x:1"), "localhost/x@" + stored.digest, "localhost/x:9@" + stored.digest}) {
    INFO(name);
    const auto image = find_image(store.images, name);
    REQUIRE(image);
    CHECK(image->id == stored.id);
    CHECK(image->entrypoint == std::vector<std::string>{"/bin/program"});
    CHECK(image->user == "1000:1000");
    CHECK(image->labels.at("a") == "b");
    REQUIRE(image->layers.size() == 1);
    CHECK(read_file(fs::path(image->layers[0]) / "data").size() == 5000);
    CHECK(find_user(*image, "redis").uid == 1000);
  }
  CHECK_FALSE(find_image(store.images, "localhost/x:2"));
  CHECK_FALSE(find_image(store.images, "localhost/y@" + stored.digest));
  CHECK(list_images(store.images).size() == 1);
}

TEST_CASE("the same files give the same digest, whatever their times") {
  Store store;
  const StoredImage first = store.pack("localhost/x");
  fs::last_write_time(store.root / "data", fs::file_time_type::clock::now() - std::chrono::hours(100));
  CHECK(store.pack("localhost/y").digest == first.digest);
  CHECK(store.layers() == 1);
  CHECK(store.blobs() == 3);
  write_file(store.root / "data", "other", 0600);
  CHECK(store.pack("localhost/z").digest != first.digest);
}

TEST_CASE("removing a name removes what no other name needs") {
  Store store;
  store.pack("localhost/x");
  store.pack("localhost/labelled", {{"only", "the config differs"}});
  store.writer().tag("localhost/x:latest", "localhost/second:latest");
  store.writer().remove("localhost/x:latest", false);
  CHECK(find_image(store.images, "localhost/second"));
  CHECK(store.layers() == 1);
  store.writer().remove("localhost/second:latest", false);
  CHECK(store.layers() == 1);
  CHECK(store.blobs() == 3);
  store.writer().remove("localhost/labelled:latest", false);
  CHECK(store.layers() == 0);
  CHECK(store.blobs() == 0);
  CHECK_THROWS_WITH(store.writer().remove("localhost/x:latest", false), Catch::Contains("localhost/x:latest"));
}

TEST_CASE("an image that a pod uses stays; forced, its files stay until the pod is gone") {
  Store store;
  store.pack("localhost/x");
  store.run_pod(*find_image(store.images, "localhost/x"));
  CHECK_THROWS_WITH(store.writer().remove("localhost/x:latest", false), Catch::Contains("default/web"));
  CHECK(find_image(store.images, "localhost/x"));
  store.writer().remove("localhost/x:latest", true);
  CHECK_FALSE(find_image(store.images, "localhost/x"));
  CHECK(store.layers() == 1);
  remove_tree(store.pods);
  CHECK(store.writer().prune() >= 5000);
  CHECK(store.layers() == 0);
}

TEST_CASE("packing again under a name moves the name, and prune takes what is left") {
  Store store;
  store.pack("localhost/x");
  write_file(store.root / "data", "new", 0600);
  const StoredImage second = store.pack("localhost/x");
  CHECK(find_image(store.images, "localhost/x")->digest == second.digest);
  CHECK(store.layers() == 2);
  CHECK(store.writer().prune() > 0);
  CHECK(store.layers() == 1);
  CHECK(find_image(store.images, "localhost/x"));
}

TEST_CASE("a pack that fails leaves nothing") {
  Store store;
  PackRequest request;
  request.root = store.root;
  request.programs = {"/bin/absent"};
  CHECK_THROWS_WITH(pack_image(store.images, store.pods, "localhost/x:latest", request, [](const std::string&) {}),
                    Catch::Contains("/bin/absent"));
  CHECK(list_directory(store.images / "tmp").empty());
  CHECK(list_images(store.images).empty());
}

TEST_CASE("what a dead writer left is removed by the next; what a living one uses stays") {
  Store store;
  make_directories(store.images / "tmp/dead/root");
  write_file(store.images / "tmp/dead/root/half", "half a layer");
  {
    const StoreScratch living(store.images);
    CHECK_FALSE(fs::exists(store.images / "tmp/dead"));
    const StoreScratch other(store.images);
    CHECK(fs::exists(living.path()));
  }
  CHECK(list_directory(store.images / "tmp").empty());
}

TEST_CASE("a damaged store says what is damaged") {
  Store store;
  const StoredImage stored = store.pack("localhost/x");
  SECTION("a missing layer") {
    const std::string layer = find_image(store.images, "localhost/x")->layers[0];
    remove_tree(layer);
    CHECK_THROWS_WITH(find_image(store.images, "localhost/x"), Catch::Contains(layer));
  }
  SECTION("a missing manifest") {
    remove_tree(store.images / "blobs/sha256" / stored.digest.substr(7));
    CHECK_THROWS_WITH(list_images(store.images), Catch::Contains(stored.digest.substr(7)));
    store.writer().remove("localhost/x:latest", false);
    CHECK(list_images(store.images).empty());
  }
  SECTION("half an index") {
    write_file(store.images / "index.json", "{\"manifests\": [");
    CHECK_THROWS_WITH(list_images(store.images), Catch::Contains("index.json"));
    CHECK_THROWS_AS(store.pack("localhost/y"), Error);
  }
}

TEST_CASE("what a killed writer of the store's index left goes with the next image") {
  Store store;
  store.pack("localhost/x:1");
  write_file(store.images / ".index.json.Ab12_x", "half");
  store.pack("localhost/y:1");
  CHECK_FALSE(fs::exists(store.images / ".index.json.Ab12_x"));
  CHECK(list_images(store.images).size() == 2);
}
