// What a user types, and what comes back.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/os/files.hpp"
#include "tests/e2e/pods/busybox.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

TEST_CASE("exec runs in the container with its restrictions and hands back the command's own exit code") {
  machine().ok({"apply", "-f", "-"},
               shell_pod("shell", "echo started; sleep 1000", "terminationGracePeriodSeconds: 1\nhostname: inner"));
  REQUIRE(wait_until([] { return machine().ready("shell"); }));
  CHECK(machine().ok({"exec", "shell", "--", "hostname"}) == "inner\n");
  CHECK(machine().ok({"exec", "shell", "-i", "--", "cat"}, "through stdin") == "through stdin");
  CHECK(machine().tandem({"exec", "shell", "--", "/bin/sh", "-c", "exit 42"}).status.code == 42);
  CHECK(machine().tandem({"exec", "shell", "--", "/bin/sh", "-c", "kill -9 $$"}).status.code == 137);
  CHECK(machine().tandem({"exec", "no-such-pod", "--", "true"}).status.code == 125);
  const auto missing = machine().tandem({"exec", "shell", "--", "no-such-command"});
  CHECK(missing.status.code == 127);
  CHECK(machine().tandem({"exec", "shell", "--", "/etc/hostname"}).status.code == 126);
  CHECK(missing.errors.find("no-such-command") != std::string::npos);
  const std::string status = machine().ok({"exec", "shell", "--", "cat", "/proc/self/status"});
  CHECK(status.find("NoNewPrivs:\t1") != std::string::npos);
  CHECK(status.find("Seccomp:\t2") != std::string::npos);
  machine().ok({"delete", "pod", "shell"});
}

TEST_CASE("logs: tail, timestamps, following until the container ends") {
  machine().ok({"apply", "-f", "-"}, shell_pod("talks",
                                               "for i in 1 2 3 4 5; do echo line $i; done; while [ ! -e /tmp/go ]; do "
                                               "sleep 0.05; done; echo last; echo err >&2",
                                               "restartPolicy: Never"));
  REQUIRE(wait_until([] { return machine().tandem({"logs", "talks"}).output.find("line 5") != std::string::npos; }));
  CHECK(machine().ok({"logs", "talks", "--tail", "2"}) == "line 4\nline 5\n");
  CHECK(machine().ok({"logs", "talks", "--tail", "1", "--timestamps"}).find("Z line 5\n") != std::string::npos);
  const TemporaryDirectory dir;
  Child follower({std::string(TANDEM_BINARY_DIR) + "/bin/tandem", "logs", "talks", "-f"}, dir / "out");
  REQUIRE(
      wait_until([&] { return read_file_if_exists(dir / "out").value_or("").find("line 5") != std::string::npos; }));
  machine().ok({"exec", "talks", "--", "touch", "/tmp/go"});
  CHECK(follower.wait().code == 0);
  const std::string followed = read_file(dir / "out");
  CHECK(followed.find("last\n") != std::string::npos);
  CHECK(followed.find("err\n") != std::string::npos);
  machine().ok({"delete", "pod", "talks"});
}

namespace {

// What a follower that reads nothing until the pod has ended gets of the numbers 1 to `last`.
struct SlowFollower {
  std::string output, errors;
};
SlowFollower follow_slowly(const std::string& pod, int last) {
  machine().ok(
      {"apply", "-f", "-"},
      shell_pod(pod, "echo 0; while [ ! -e /tmp/go ]; do sleep 0.05; done; busybox seq 1 " + std::to_string(last),
                "restartPolicy: Never"));
  REQUIRE(wait_until([&] { return machine().tandem({"logs", pod}).output == "0\n"; }));
  const TemporaryDirectory dir;
  const std::string at = dir.path().string();
  Child follower(
      {"/bin/sh", "-c",
       std::string(TANDEM_BINARY_DIR) + "/bin/tandem logs -f " + pod + " 2>" + at + "/errors | { read -r zero; : >" +
           at + "/begun; while [ ! -e " + at + "/go ]; do sleep 0.05; done; cat; } >" + at + "/out"},
      dir / "shell");
  REQUIRE(wait_until([&] { return fs::exists(dir / "begun"); }));
  machine().ok({"exec", pod, "--", "touch", "/tmp/go"});
  REQUIRE(wait_until([&] { return machine().pod(pod)["status"]["phase"] == "Succeeded"; }, 120s));
  write_file(dir / "go", "");
  CHECK(follower.wait().code == 0);
  machine().ok({"delete", "pod", pod});
  return {read_file(dir / "out", 256u << 20), read_file(dir / "errors")};
}

}  // namespace

TEST_CASE("logs -f whose reader is slower than rotation prints every line that is still there") {
  const SlowFollower got = follow_slowly("floods", 500'000);  // three files
  std::string wanted;
  for (int i = 1; i <= 500'000; ++i) wanted += std::to_string(i) + "\n";
  CHECK(got.output.size() == wanted.size());
  CHECK((got.output == wanted));
  CHECK(got.errors == "");
}

TEST_CASE("logs -f says how many files rotation took from it, and every line that it prints is one that was written") {
  const SlowFollower got = follow_slowly("overflows", 1'700'000);  // eight files, of which five are kept
  CHECK(got.errors.find("has a gap here: ") != std::string::npos);
  int before = 0, gaps = 0;
  std::istringstream lines(got.output);
  for (std::string line; std::getline(lines, line);) {
    const int number = std::stoi(line);
    REQUIRE(number > before);
    REQUIRE(number <= 1'700'000);
    gaps += number != before + 1;
    before = number;
  }
  CHECK(before == 1'700'000);
  CHECK(gaps == 1);
}

TEST_CASE("a manifest with mistakes is refused with all of them, each with its place, and nothing is launched") {
  const std::string manifest =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: wrong}\nspec:\n  containers:\n  - name: main\n    image: "
      "localhost/none\n"
      "    imagePullpolicy: Never\n    ports: [{containerPort: \"80\"}]\n";
  const auto result = machine().tandem({"apply", "-f", "-"}, manifest);
  CHECK(result.status.code == 65);
  CHECK(result.errors.find("<stdin>:8:5") != std::string::npos);
  CHECK(result.errors.find("imagePullPolicy") != std::string::npos);
  CHECK(result.errors.find("<stdin>:9:") != std::string::npos);
  CHECK(machine().pod("wrong").is_null());

  const auto missing = machine().tandem({"apply", "-f", "-"},
                                        "apiVersion: v1\nkind: Pod\nmetadata: {name: wrong}\nspec:\n  containers:\n  - "
                                        "{name: main, image: localhost/none}\n");
  CHECK(missing.status.code == 65);
  CHECK(missing.errors.find("localhost/none") != std::string::npos);
  CHECK(missing.errors.find("image pack") != std::string::npos);
}

TEST_CASE(
    "plan, apply and up tell everything that is wrong in one round, of all files in their order, and do nothing") {
  const TemporaryDirectory dir;
  write_file(dir / "a.yaml", R"(apiVersion: v1
kind: ConfigMap
metadata: {name: round}
data: {mode: fast}
---
apiVersion: v1
kind: Pod
metadata: {name: round-one}
spec:
  containers:
  - name: main
    image: localhost/none
    image: localhost/none
    env:
    - {name: A, valueFrom: {configMapKeyRef: {name: round, key: mod}}}
    - {name: B, valueFrom: {secretKeyRef: {name: no-secret, key: k}}}
    volumeMounts: [{name: dat, mountPath: /data}]
    tty: maybe
)");
  write_file(dir / "b.yaml", R"(apiVersion: v1
kind: Pod
metadata: {name: round-two}
spec:
  restartpolicy: Never
  containers:
  - {name: main, image: localhost/busybox, envFrom: [{secretRef: {name: no-secret}}]}
  - {name: main, image: localhost/neither}
)");
  const auto places = [](const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string line = text.substr(at, end - at);
      const std::size_t file = line.find(".yaml:");
      if (file != std::string::npos) out += line.substr(file - 1, line.find(':', file + 6) - file + 1) + " ";
      at = end + 1;
    }
    return out;
  };
  for (const char* verb : {"plan", "apply", "up"}) {
    const auto told = machine().tandem({verb, "-f", dir / "a.yaml", "-f", dir / "b.yaml"});
    INFO(verb << ": " << told.output << told.errors);
    CHECK(told.status.code == 65);
    CHECK(told.output == "");
    CHECK(places(told.errors) ==
          "a.yaml:12 a.yaml:13 a.yaml:15 a.yaml:16 a.yaml:17 a.yaml:18 b.yaml:5 b.yaml:7 b.yaml:8 b.yaml:8 ");
  }
  CHECK(machine().pod("round-one").is_null());
  CHECK(machine().tandem({"get", "configmap", "round"}).status.code != 0);
  CHECK(machine().leftovers() == "");
}

TEST_CASE("plan shows everything but what a missing image says, and ends with what is missing") {
  const std::string manifest =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: holes}\nspec:\n  containers:\n"
      "  - {name: main, image: localhost/none, args: [-v], env: [{name: MODE, value: fast}]}\n"
      "  - {name: helper, image: localhost/busybox}\n";
  const auto planned = machine().tandem({"plan", "-f", "-"}, manifest);
  INFO(planned.output << planned.errors);
  CHECK(planned.status.code == 65);
  CHECK(planned.errors.find("<stdin>:6:25: spec.containers[0].image: there is no image \"localhost/none\"") == 0);
  CHECK(std::count(planned.errors.begin(), planned.errors.end(), '\n') == 1);
  CHECK(planned.output.find("localhost/none (not in the store: what it says is not known)") != std::string::npos);
  CHECK(planned.output.find("command     the image's, with -v\n") != std::string::npos);
  CHECK(planned.output.find("environment MODE=fast\n") != std::string::npos);
  CHECK(planned.output.find("localhost/busybox (sha256:") != std::string::npos);
  CHECK(planned.output.find("command     /bin/sh\n") != std::string::npos);
  const auto json = nlohmann::json::parse(machine().tandem({"plan", "-f", "-", "-o", "json"}, manifest).output);
  CHECK(json["containers"][0]["unknown"].size() > 0);
  CHECK(json["containers"][1]["unknown"].size() == 0);
  const auto applied = machine().tandem({"apply", "-f", "-"}, manifest);
  CHECK(applied.status.code == 65);
  CHECK(applied.errors == planned.errors);
  CHECK(machine().pod("holes").is_null());
}

TEST_CASE("plan, and apply of a manifest with mistakes, leave nothing on a machine that has had no pod") {
  const TemporaryDirectory dir;
  const std::string manifest =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: first}\nspec:\n  containers: [{name: c, image: localhost/none, "
      "comand: [x]}]\n";
  for (const char* verb : {"plan", "apply"}) {
    const CommandResult told = run_command({"/usr/bin/env", "TANDEM_ROOT=" + (dir / "root").string(),
                                            std::string(TANDEM_BINARY_DIR) + "/bin/tandem", verb, "-f", "-"},
                                           manifest);
    INFO(verb << ": " << told.errors);
    CHECK(told.status.code == 65);
    CHECK(told.errors.find("there is no image") != std::string::npos);
    CHECK_FALSE(fs::exists(dir / "root"));
  }
}

TEST_CASE("a pod that cannot be changed does not hide another's missing image") {
  machine().ok({"apply", "-f", "-"}, shell_pod("fixed", "sleep 1000", "terminationGracePeriodSeconds: 1"));
  const std::string both = shell_pod("fixed", "sleep 2000", "terminationGracePeriodSeconds: 1") +
                           "---\napiVersion: v1\nkind: Pod\nmetadata: {name: other}\nspec:\n  containers: [{name: c, "
                           "image: localhost/none}]\n";
  const auto refused = machine().tandem({"apply", "-f", "-"}, both);
  CHECK(refused.status.code == 65);
  CHECK(refused.errors.find("there is no image \"localhost/none\"") != std::string::npos);
  machine().ok({"delete", "pod", "fixed"});
}

TEST_CASE("apply says created, unchanged, and refuses a changed pod unless it may replace it") {
  const std::string before = shell_pod("same", "sleep 1000", "terminationGracePeriodSeconds: 1");
  const std::string after = shell_pod("same", "sleep 2000", "terminationGracePeriodSeconds: 1");
  CHECK(machine().ok({"apply", "-f", "-"}, before) == "pod/same created\n");
  CHECK(machine().ok({"apply", "-f", "-"}, before) == "pod/same unchanged\n");
  const auto refused = machine().tandem({"apply", "-f", "-"}, after);
  CHECK(refused.status.code == 64);
  CHECK(refused.errors.find("--replace") != std::string::npos);
  CHECK(machine().ok({"apply", "--replace", "-f", "-"}, after) == "pod/same replaced\n");
  CHECK(machine().ok({"delete", "-f", "-"}, after) == "pod \"same\" deleted\n");
  CHECK(machine().tandem({"delete", "pod", "same"}).status.code == 1);
  CHECK(machine().tandem({"delete", "pod", "same", "--ignore-not-found"}).status.code == 0);
}

TEST_CASE("config maps and secrets reach the program as files and variables, and secrets are shown nowhere") {
  const std::string objects = R"(
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {mode: fast, app.conf: "level=3\n"}
---
apiVersion: v1
kind: Secret
metadata: {name: password}
stringData: {token: hunter2-in-secret}
---
)";
  const std::string pod =
      shell_pod("configured", "echo $MODE $TOKEN $NAME $IP; cat /etc/app/app.conf /run/secret/token; sleep 1000",
                "terminationGracePeriodSeconds: 1\nvolumes:\n- {name: conf, configMap: {name: settings}}\n- {name: "
                "sec, secret: {secretName: password, defaultMode: 0400}}\n",
                R"(env:
- {name: MODE, valueFrom: {configMapKeyRef: {name: settings, key: mode}}}
- {name: TOKEN, valueFrom: {secretKeyRef: {name: password, key: token}}}
- {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
- {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
volumeMounts:
- {name: conf, mountPath: /etc/app}
- {name: sec, mountPath: /run/secret}
)");
  CHECK(machine().ok({"plan", "-f", "-"}, objects + pod).find("hunter2") == std::string::npos);
  machine().ok({"apply", "-f", "-"}, objects + pod);
  REQUIRE(wait_until([] {
    return machine().tandem({"logs", "configured"}).output.find("level=3") != std::string::npos;
  }));
  const std::string ip = machine().pod_ip("configured");
  CHECK(machine().ok({"logs", "configured"}) ==
        "fast hunter2-in-secret configured " + ip + "\nlevel=3\nhunter2-in-secret");
  for (const char* output : {"yaml", "json"}) {
    CHECK(machine().ok({"get", "pod", "configured", "-o", output}).find("hunter2") == std::string::npos);
    CHECK(machine().ok({"get", "secret", "password", "-o", output}).find("hunter2") == std::string::npos);
  }
  CHECK(machine().ok({"describe", "pod", "configured"}).find("hunter2") == std::string::npos);
  machine().ok({"delete", "-f", "-"}, objects + pod);
  CHECK(machine().tandem({"get", "secret", "password"}).status.code == 1);
}

TEST_CASE("what is not there is exit code 1 for every command, as with kubectl, and the help says so") {
  const std::vector<std::vector<std::string>> commands{{"get", "pod", "nobody"},
                                                       {"describe", "pod", "nobody"},
                                                       {"logs", "nobody"},
                                                       {"wait", "pod/nobody"},
                                                       {"delete", "pod", "nobody"},
                                                       {"image", "inspect", "localhost/nobody"},
                                                       {"image", "rm", "localhost/nobody"},
                                                       {"image", "tag", "localhost/nobody", "localhost/x"}};
  for (const auto& command : commands) {
    CAPTURE(command);
    const auto refused = machine().tandem(command);
    INFO(refused.errors);
    CHECK(refused.status.code == 1);
    CHECK(refused.errors.find("nobody") != std::string::npos);
  }
  for (const auto& page : {machine().ok({"--help"}), machine().ok({"generate", "man"})})
    CHECK(page.find("1 what was named is not there") != std::string::npos);
}

TEST_CASE("--version is the command version, as with the helpers") {
  CHECK(machine().ok({"--version"}) == machine().ok({"version"}));
  CHECK(machine().ok({"--version"}).starts_with("tandem "));
}

TEST_CASE("up -d is content with a pod that has succeeded without ever having been ready") {
  const auto up = machine().tandem({"up", "-d", "-f", "-"},
                                   shell_pod("task", "true", "restartPolicy: Never",
                                             "readinessProbe: {exec: {command: [/bin/sh, -c, \"exit 1\"]}}"));
  INFO(up.errors);
  CHECK(up.status == ExitStatus{});
  CHECK(up.output == "pod/task has succeeded\n");
  machine().ok({"delete", "pod", "task"});
}

TEST_CASE("a manifest file that is not there hides no problem of the others") {
  const TemporaryDirectory folder;
  write_file(folder / "wrong.yaml",
             "apiVersion: v1\nkind: Pod\nmetadata: {name: wrong}\nspec: {containers: [{name: main, image: a, comand: "
             "[x]}]}\n");
  for (const char* command : {"apply", "plan", "delete"}) {
    CAPTURE(command);
    const auto refused = machine().tandem({command, "-f", folder / "nowhere.yaml", "-f", folder / "wrong.yaml"});
    INFO(refused.errors);
    CHECK(refused.status.code == 65);
    CHECK(refused.errors.find("nowhere.yaml: No such file or directory") != std::string::npos);
    CHECK(refused.errors.find("did you mean \"command\"?") != std::string::npos);
  }
}

TEST_CASE("apply of nothing is an error, as with kubectl") {
  const auto nothing = machine().tandem({"apply", "-f", "-"}, "# only a comment\n");
  CHECK(nothing.status.code == 1);
  CHECK(nothing.errors == "error: no objects passed to apply\n");
}
