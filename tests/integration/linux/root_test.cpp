#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>

#include "core/os/check.hpp"
#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "tests/integration/linux/pod_in_a_folder.hpp"

using namespace tandem;
using Catch::Contains;

TEST_CASE("a root is the image's layers, the upper ones over the lower ones, and every start is fresh") {
  test::PodInAFolder pod;
  plan::Container container = pod.shell("cat /etc/note; ls /var; echo new > /etc/note; touch /var/mine");
  make_directories(pod.folder("upper/etc"));
  write_file(pod.folder("upper/etc/note"), "from above\n");
  write_file(pod.image() / "etc/note", "from below\n");
  container.layers.push_back(pod.folder("upper"));
  CHECK(pod.run(container).output == "from above\nlib\n");
  CHECK(pod.run(container).output == "from above\nlib\n");
  CHECK(read_file(pod.folder("upper/etc/note")) == "from above\n");
}

TEST_CASE("an image may have more layers than one page of mount options holds paths") {
  test::PodInAFolder pod;
  plan::Container container = pod.shell("ls /layers | wc -l; cat /top; stat -c %a /");
  for (int i = 0; i < 127; ++i) {
    const fs::path layer = pod.folder("a-layer-with-a-long-name-" + std::string(60, 'x') + std::to_string(i));
    make_directories(layer / "layers");
    write_file(layer / "layers" / std::to_string(i), "");
    write_file(layer / "top", std::to_string(i) + "\n");
    REQUIRE(::chmod(layer.c_str(), 0751) == 0);
    container.layers.push_back(layer);
  }
  CHECK(pod.run(container).output == "127\n126\n751\n");
}

TEST_CASE("a read-only root is read-only, its volumes, /dev and /dev/shm are not") {
  test::PodInAFolder pod;
  plan::Container container =
      pod.shell("touch /etc/x /data/x /dev/shm/x /tmp/y; ls /data /dev/shm; echo last words > /dev/termination-log");
  container.security.read_only_root = true;
  container.mounts = {pod.add_volume(test::volume("data"), "/data")};
  const auto outcome = pod.run(container);
  CHECK_THAT(outcome.output, Contains("/etc/x: Read-only file system") && Contains("/tmp/y: Read-only file system"));
  CHECK_THAT(outcome.output, Catch::StartsWith("/data:\nx\n\n/dev/shm:\nx\n"));
  CHECK(read_file(linux_::termination_log(pod.paths, "main")) == "last words\n");
}

TEST_CASE("/dev holds the standard nodes and nothing else") {
  test::PodInAFolder pod;
  const auto outcome = pod.run(
      "ls /dev; stat -c '%F %t:%T %a' /dev/null /dev/tty; dd if=/dev/zero bs=4 count=1 | wc -c; ls -l /dev/fd; ls -A "
      "/dev/mqueue");
  CHECK_THAT(
      outcome.output,
      Catch::StartsWith(
          "fd\nfull\nmqueue\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntermination-log\ntty\nurandom\nzero\n"
          "character special file 1:3 666\ncharacter special file 5:0 666\n4\n"));
}

TEST_CASE("volumes, sub paths and single files of them are mounted, outer before inner") {
  test::PodInAFolder pod;
  plan::Volume config = test::volume("config", plan::VolumeKind::files);
  config.files = {{"app.conf", "configured\n"}, {"other", "x"}};
  plan::Container container =
      pod.shell("ls /data /data/inner /plain; cat /etc/app.conf; echo 1 > /data/inner/one; echo 2 > /plain/x");
  plan::Mount inner = pod.add_volume(test::volume("data"), "/data/inner", "deep/er");
  plan::Mount whole = inner, file = pod.add_volume(config, "/etc/app.conf", "app.conf"), read_only = whole;
  whole.target = "/data";
  whole.sub_path = "";
  read_only.target = "/plain";
  read_only.read_only = true;
  container.mounts = {inner, file, whole, read_only};
  const auto outcome = pod.run(container);
  CHECK_THAT(outcome.output, Catch::StartsWith("/data:\ndeep\ninner\n\n/data/inner:\n") && Contains("configured\n"));
  CHECK_THAT(outcome.output, Contains("can't create /plain/x: Read-only file system"));
  const fs::path data = linux_::volume_directory(pod.plan.volumes[0], pod.paths);
  CHECK(read_file(data / "deep/er/one") == "1\n");
}

TEST_CASE("a container cannot plant a link that its next start would follow out of a volume") {
  test::PodInAFolder pod;
  write_file(pod.folder("secret"), "s3cret");
  plan::Container container = pod.shell("true");
  const plan::Mount whole = pod.add_volume(test::volume("data"), "/data");
  fs::create_symlink(pod.folder("secret"), linux_::volume_directory(pod.plan.volumes[0], pod.paths) / "link");
  plan::Mount through_link = whole;
  through_link.sub_path = "link";
  container.mounts = {through_link};
  CHECK_THROWS_WITH(pod.start(container), Contains("open sub path link"));
}

TEST_CASE("links in an image where mounts go stay in the container") {
  test::PodInAFolder pod;
  fs::create_symlink(pod.folder("elsewhere"), pod.image() / "var/link");
  plan::Container container = pod.shell("cat /var/link/x");
  container.mounts = {pod.add_volume(test::volume("data"), "/var/link")};
  write_file(linux_::volume_directory(pod.plan.volumes[0], pod.paths) / "x", "here\n");
  CHECK(pod.run(container).output == "here\n");
  CHECK_FALSE(fs::exists(pod.folder("elsewhere")));
}

TEST_CASE("a link in an image where a file system of the kernel goes is refused") {
  for (const char* name : {"proc", "sys", "dev"}) {
    test::PodInAFolder pod;
    fs::create_symlink(pod.folder("elsewhere"), pod.image() / name);
    CHECK_THROWS_WITH(pod.run("true"), Contains(std::string("mount at /") + name + ": the image has a symbolic link"));
    CHECK_FALSE(fs::exists(pod.folder("elsewhere")));
  }
}

TEST_CASE("a missing working directory is made, and one outside of the container is refused") {
  test::PodInAFolder pod;
  plan::Container container = pod.shell("pwd");
  container.working_directory = "/srv/app";
  container.identity = {1000, 1000, {}};
  CHECK(pod.run(container).output == "/srv/app\n");
  container.security.read_only_root = true;
  CHECK(pod.run(container).output == "/srv/app\n");
  for (const char* path : {"/proc/self/fd/4", "/proc/self/fd/7", "/proc/self/fd/8", "/proc/1/cwd"}) {
    container.working_directory = path;
    CAPTURE(path);
    try {
      const std::string output = pod.run(container).output;
      CHECK((output == "/\n" || output == std::string(path) + "\n"));
    } catch (const Error&) {
      SUCCEED("refused");
    }
  }
}

namespace {

// Runs `body` in a child that is chrooted into a mount namespace of its own, as in a build root or a rescue system.
std::string in_a_chroot(const std::function<std::string()>& body) {
  const test::TemporaryDirectory folder;
  const fs::path jail = folder / "jail", result = folder / "result";
  make_directories(jail);
  const unique_fd out = open_file(result, O_WRONLY | O_CREAT);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    try {
      check([] { return ::unshare(CLONE_NEWNS); }, "unshare");
      check([] { return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr); }, "make private");
      check([&] { return ::mount("/", jail.c_str(), nullptr, MS_BIND | MS_REC, nullptr); }, "bind");
      check([&] { return ::chroot(jail.c_str()); }, "chroot");
      check([] { return ::chdir("/"); }, "chdir");
      write_all(out.get(), body(), "result");
    } catch (const std::exception& error) {
      write_all(out.get(), error.what(), "result");
    }
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return read_file(result);
}

}  // namespace

TEST_CASE("a container that is launched inside a chroot has nothing of what lies around it, nor has exec") {
  const std::string seen = in_a_chroot([] {
    test::PodInAFolder pod;
    write_file(pod.image() / "note", "of the image\n");
    const plan::Container container = pod.shell("sleep 1000");
    const linux_::Started init = pod.start(container);
    const auto command = [&](const char* script) {
      return pod.execute(container, init.process, {"sh", "-c", script}).output;
    };
    const std::string output = command("cat /note; cut -d ' ' -f 4,5 /proc/self/mountinfo | head -1; ls -d /home /opt");
    linux_::kill_cgroup(pod.cgroups, linux_::container_cgroup(pod.plan, "main"));
    pod.wait(init);
    return output;
  });
  CHECK_THAT(seen,
             Contains("of the image\n/ /\n") && Contains("/home: No such file") && Contains("/opt: No such file"));
}
