// What an image alone can try: links where the kernel's file systems go, and what its config says.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/os/files.hpp"
#include "tests/security/hostile_pod.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

// A Pod that opens every name of core_pattern that a misplaced /proc could have, with an emptyDir at /data.
std::string pod_of(const std::string& name) {
  return R"(apiVersion: v1
kind: Pod
metadata: {name: )" +
         name + R"(}
spec:
  terminationGracePeriodSeconds: 0
  restartPolicy: Never
  volumes: [{name: data, emptyDir: {}}]
  containers:
  - name: main
    image: localhost/)" +
         name + R"(
    command: [hostile, open, /proc/sys/kernel/core_pattern, /../sys/kernel/core_pattern, /kept/sys/kernel/core_pattern,
              /dev/sys/kernel/core_pattern, /sys/sys/kernel/core_pattern, /proc/sysrq-trigger, /kept/sysrq-trigger]
    volumeMounts: [{name: data, mountPath: /data}]
)";
}

std::string outcome_with_links(const std::string& name, const std::vector<std::string>& links) {
  pack(machine(), "localhost/" + name, links);
  machine().tandem({"apply", "-f", "-"}, pod_of(name));
  const std::string text = outcome_of(name);
  machine().ok({"delete", "pod", name});
  return text;
}

// Puts `text` into the store as a blob; its digest.
std::string add_blob(const fs::path& store, const std::string& text) {
  const std::string digest = run_command({"sha256sum"}, text).output.substr(0, 64);
  REQUIRE(digest.size() == 64);
  replace_file(store / "blobs/sha256" / digest, text, 0644);
  return digest;
}

// What somebody else's builder could have written: `pack` would not.
void set_user_in_store(const std::string& reference, const std::string& user) {
  const fs::path store = machine().root() / "lib/images";
  const auto blob = [&](const std::string& digest) {
    return nlohmann::ordered_json::parse(read_file(store / "blobs/sha256" / digest.substr(7)));
  };
  auto index = nlohmann::ordered_json::parse(read_file(store / "index.json"));
  for (auto& listed : index["manifests"]) {
    if (listed["annotations"]["org.opencontainers.image.ref.name"] != reference) continue;
    auto manifest = blob(listed["digest"]), config = blob(manifest["config"]["digest"]);
    config["config"]["User"] = user;
    manifest["config"]["digest"] = "sha256:" + add_blob(store, config.dump());
    manifest["config"]["size"] = config.dump().size();
    listed["digest"] = "sha256:" + add_blob(store, manifest.dump());
    listed["size"] = manifest.dump().size();
  }
  replace_file(store / "index.json", index.dump(), 0644);
}

}  // namespace

TEST_CASE("an image whose /proc, /sys or /dev is a link does not run (CVE-2019-19921, CVE-2023-27561)") {
  for (const auto& [name, links] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"proc-is-root", {"--link", "/proc:/"}},
           {"proc-is-dotdot", {"--link", "/proc:.."}},
           {"proc-below-volume", {"--link", "/proc:/data/proc", "--link", "/data/proc:/kept"}},
           {"proc-elsewhere", {"--link", "/proc:/kept"}},
           {"sys-is-root", {"--link", "/sys:/"}},
           {"sys-is-proc", {"--link", "/sys:/proc"}},
           {"dev-is-root", {"--link", "/dev:/"}},
           {"dev-is-proc", {"--link", "/dev:/proc"}}}) {
    const std::string text = outcome_with_links(name, links);
    INFO(name << ": " << text);
    CHECK(text.find("could be opened") == std::string::npos);
    CHECK(text.find("a symbolic link") != std::string::npos);
  }
}

TEST_CASE("an image's link at /dev makes and removes nothing of the host's (CVE-2026-41579)") {
  const TemporaryDirectory host;
  write_file(host / "ptmx", "of the host\n");
  outcome_with_links("dev-of-host", {"--link", "/dev:" + host.path().string()});
  CHECK(read_file(host / "ptmx") == "of the host\n");
  CHECK(list_directory(host.path()).size() == 1);
}

TEST_CASE("a working directory that is a descriptor leads nowhere, in an image and in a manifest (CVE-2024-21626)") {
  for (int number = 3; number < 12; ++number) {
    const std::string directory = "/proc/self/fd/" + std::to_string(number);
    const std::string name = "cwd-" + std::to_string(number);
    const bool of_image = number % 2;
    if (of_image) pack(machine(), "localhost/" + name, {"--workdir", directory});
    machine().tandem({"apply", "-f", "-"}, R"(apiVersion: v1
kind: Pod
metadata: {name: )" + name + R"(}
spec:
  terminationGracePeriodSeconds: 0
  restartPolicy: Never
  containers:
  - name: main
    image: localhost/)" + (of_image ? name : "hostile") +
                                               (of_image ? "" : "\n    workingDir: " + directory) + R"(
    command: [sh, -c, "ls ../../../../../../../../root /proc/self/cwd/../../../etc; echo $((6*7)) ran"]
)");
    const std::string text = outcome_of(name);
    INFO(text);
    CHECK(text.find("42 ran") == std::string::npos);
    CHECK(text.find(" " + directory + ": ") != std::string::npos);
    machine().ok({"delete", "pod", name});
  }
}

TEST_CASE("a user of an image that is no 32-bit number is an error, never root (CVE-2024-40635)") {
  pack(machine(), "localhost/user", {"--user", "1000"});
  const auto planned = [] {
    return machine().tandem({"plan", "-f", "-"}, R"(apiVersion: v1
kind: Pod
metadata: {name: user}
spec:
  containers: [{name: main, image: localhost/user, command: [busybox]}]
)");
  };
  REQUIRE(planned().status == ExitStatus{});
  for (const char* user : {"4294967296:0", "2147483648000", "-1", "1000:4294967296", "4294967295"}) {
    set_user_in_store("localhost/user:latest", user);
    const CommandResult result = planned();
    INFO(user << ": " << result.output << result.errors);
    CHECK(result.status != ExitStatus{});
    CHECK(result.errors.find("is not in /etc/") != std::string::npos);
    // And nobody can write it by `image pack`.
    CHECK(machine()
              .tandem({"image", "pack", "localhost/never", "--bin", find_program("busybox"), "--user", user})
              .errors.find("it is no ") != std::string::npos);
  }
}
