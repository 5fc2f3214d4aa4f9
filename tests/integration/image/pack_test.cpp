#include <signal.h>

#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "tests/integration/image/tool.hpp"
#include "tests/support/skip.hpp"

using namespace tandem;
using test::ImageTool;

std::string test::reason_to_skip() { return is_root() ? "" : "chroot into a packed image needs root"; }

TEST_CASE("our own program runs inside the image that was packed of it") {
  const ImageTool tool;
  const CommandResult packed = tool.run({"pack", "localhost/tool", "--bin", test::image_tool, "--user", "1000"});
  INFO(packed.errors);
  REQUIRE(packed.status == ExitStatus{});
  CHECK_THAT(packed.output, Catch::StartsWith("localhost/tool:latest@sha256:"));
  const CommandResult help = tool.inside("localhost/tool", {"/usr/bin/tandem-image", "--help"});
  INFO(help.errors);
  CHECK(help.status == ExitStatus{});
  CHECK_THAT(help.output, Catch::Contains("pack"));
  CHECK(image::find_image(tool.store, "localhost/tool")->entrypoint ==
        std::vector<std::string>{"/usr/bin/tandem-image"});
}

TEST_CASE("flags become the image's config and files") {
  const ImageTool tool;
  write_file(tool.directory / "note", "hello\n");
  const CommandResult packed = tool.run({"pack",          "localhost/x:1",
                                         "--bin",         "/bin/cat",
                                         "--file",        (tool.directory / "note").string() + ":/etc/note:0600",
                                         "--dir",         "/data:0700",
                                         "--link",        "/usr/bin/dog:cat",
                                         "--user",        "redis",
                                         "--entrypoint",  R"(["/usr/bin/cat", "-n"])",
                                         "--cmd",         "/etc/note",
                                         "--env",         "A=1",
                                         "--workdir",     "/data",
                                         "--label",       "tandem.role=sidecar",
                                         "--stop-signal", "SIGQUIT"});
  INFO(packed.errors);
  REQUIRE(packed.status == ExitStatus{});
  const image::Image image = image::find_image(tool.store, "localhost/x:1").value();
  CHECK(image.entrypoint == std::vector<std::string>{"/usr/bin/cat", "-n"});
  CHECK(image.command == std::vector<std::string>{"/etc/note"});
  CHECK(image.environment.back() == "A=1");
  CHECK(image.working_directory == "/data");
  CHECK(image.labels.at("tandem.role") == "sidecar");
  CHECK(image.stop_signal == "SIGQUIT");
  CHECK(image.user == "1000:1000");
  CHECK(tool.inside("localhost/x:1", {"/usr/bin/dog", "/etc/note"}).output == "hello\n");
}

TEST_CASE("mistakes say what to do, and whose fault they are") {
  const ImageTool tool;
  const struct {
    std::vector<std::string> arguments;
    int code;
    std::string text;
  } rows[] = {
      {{"pack", "localhost/x"}, 64, "--bin PATH"},
      {{"pack", "Bad Name", "--bin", "/bin/cat"}, 65, "Bad Name"},
      {{"pack", "localhost/x", "--bin", "/bin/no-such-program"}, 65, "/bin/no-such-program"},
      {{"pack", "localhost/x", "--bin", "/bin/cat", "--label", "x"}, 64, "NAME=VALUE"},
      {{"pack", "localhost/x", "--bin", "/bin/cat", "--entrypoint", "[1"}, 64, "JSON"},
      {{"pack", "localhost/x", "--bin", "/bin/cat", "--file", "/no/such:/x"}, 69, "/no/such"},
      {{"pack", "localhost/x", "--root", "/bin", "--debian", "bash"}, 64, "exclude"},
      {{"rm", "localhost/none"}, 1, "localhost/none:latest"},
      {{"inspect", "localhost/none"}, 1, "tandem image ls"},
      {{"nonsense"}, 64, ""},
  };
  for (const auto& row : rows) {
    const CommandResult result = tool.run(row.arguments);
    INFO(result.errors);
    CHECK(result.status.code == row.code);
    CHECK_THAT(result.errors, Catch::Contains(row.text));
    CHECK(image::list_images(tool.store).empty());
  }
}

TEST_CASE("two packs at once are both there") {
  const ImageTool tool;
  const auto command = [&](const std::string& name) {
    return std::vector<std::string>{test::image_tool, "--store", tool.store.string(), "pack", name,
                                    "--bin",          "/bin/cat"};
  };
  const std::map<std::string, std::string> environment = {{"TANDEM_ROOT", (tool.directory / "tandem").string()}};
  test::Child first(command("localhost/a"), tool.directory / "a.log", environment);
  test::Child second(command("localhost/b"), tool.directory / "b.log", environment);
  CHECK(first.wait() == ExitStatus{});
  CHECK(second.wait() == ExitStatus{});
  REQUIRE(image::list_images(tool.store).size() == 2);
  CHECK(image::find_image(tool.store, "localhost/a")->digest == image::find_image(tool.store, "localhost/b")->digest);
  CHECK(list_directory(tool.store / "layers").size() == 1);
}

TEST_CASE("a pack that is killed leaves no image, and nothing that the next one does not remove") {
  const ImageTool tool;
  const std::map<std::string, std::string> environment = {{"TANDEM_ROOT", (tool.directory / "tandem").string()}};
  make_directories(tool.directory / "tree");
  write_file(tool.directory / "tree/large", std::string(48u << 20, 'x'));
  {
    test::Child pack({test::image_tool, "--store", tool.store.string(), "pack", "localhost/x", "--root",
                      (tool.directory / "tree").string()},
                     tool.directory / "log", environment);
    REQUIRE(test::wait_until([&] {
      for (const std::string& scratch : list_directory(tool.store / "tmp"))
        if (fs::exists(tool.store / "tmp" / scratch / "layer")) return true;
      return false;
    }));
    pack.signal(SIGKILL);
    CHECK(pack.wait().signal == SIGKILL);
  }
  CHECK(image::list_images(tool.store).empty());
  CHECK(tool.run({"pack", "localhost/x", "--bin", "/bin/cat"}).status == ExitStatus{});
  CHECK(list_directory(tool.store / "tmp").empty());
  CHECK(list_directory(tool.store / "layers").size() == 1);
}

TEST_CASE("a full disk is told, and leaves nothing") {
  const ImageTool tool;
  make_directories(tool.store);
  REQUIRE(run_command({"mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tool.store.string()}).status == ExitStatus{});
  const CommandResult packed = tool.run({"pack", "localhost/x", "--bin", test::image_tool});
  const std::vector<std::string> left = list_directory(tool.store / "tmp");
  const bool no_image = image::list_images(tool.store).empty();
  REQUIRE(run_command({"umount", tool.store.string()}).status == ExitStatus{});
  INFO(packed.errors);
  CHECK(packed.status.code == 69);
  CHECK_THAT(packed.errors, Catch::Contains("No space left on device"));
  CHECK(left.empty());
  CHECK(no_image);
}

TEST_CASE("names of any bytes are packed, and lie in the image as they were") {
  const ImageTool tool;
  const std::vector<std::string> names = {"a.txt", "\xc3\xa9.txt", "\xff\xfe.txt"};
  const auto root = tool.directory / "root";
  make_directories(root);
  for (const auto& name : names) write_file(root / name, name);
  fs::create_symlink("\xff\xfe.txt", root / "link\xc3\xa9");
  const auto packed = tool.run({"pack", "localhost/x", "--root", root.string()});
  INFO(packed.errors);
  REQUIRE(packed.status == ExitStatus{});
  for (const auto& name : names) CHECK(read_file(tool.layer("localhost/x") / name) == name);
  CHECK(fs::read_symlink(tool.layer("localhost/x") / "link\xc3\xa9") == "\xff\xfe.txt");
}
