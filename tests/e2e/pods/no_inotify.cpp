// A machine that has no inotify instance left: root's are 128 on many, for all programs together.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <nlohmann/json.hpp>

#include "core/os/files.hpp"
#include "tests/e2e/pods/busybox.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

// From here on this process and all that come from it, guardians too, are told that there is none.
void refuse_inotify() {
  sock_filter steps[] = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
                         {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_inotify_init1},
                         {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EMFILE},
                         {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
  const sock_fprog program{4, steps};
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

// `tandem ARGUMENTS...` there; its exit code, and what it printed.
std::pair<int, std::string> without_inotify(const std::vector<std::string>& arguments, const std::string& input = "") {
  const TemporaryDirectory folder;
  const pid_t child = ::fork();
  if (child == 0) {
    refuse_inotify();
    const CommandResult result = machine().tandem(arguments, input);
    write_file(folder / "said", result.output + result.errors);
    ::_exit(result.status.shell_code());
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return {WEXITSTATUS(status), read_file_if_exists(folder / "said").value_or("")};
}

}  // namespace

TEST_CASE("without an inotify instance pods start, are seen to end, resolve names, and can be waited for and read") {
  machine();
  const auto [applied, said] = without_inotify(
      {"apply", "-f", "-"}, shell_pod("blind", "trap 'echo told; exit 7' TERM\necho ready\nwhile :; do sleep 0.1; done",
                                      "restartPolicy: Never\nterminationGracePeriodSeconds: 1"));
  INFO(said);
  REQUIRE(applied == 0);
  CHECK(without_inotify({"wait", "pod/blind", "--for", "condition=Ready", "--timeout", "60s"}).first == 0);

  // The name of a pod that comes later.
  machine().ok({"apply", "-f", "-"},
               shell_pod("seen", "sleep 1000", "terminationGracePeriodSeconds: 0") +
                   "---\napiVersion: v1\nkind: Service\nmetadata: {name: seen}\nspec: {clusterIP: None, selector: "
                   "{app: seen}, ports: [{port: 80}]}\n");
  CHECK(wait_until([] {
    return machine().tandem({"exec", "blind", "--", "getent", "hosts", "seen"}).status == ExitStatus{};
  }));

  // An end whose code only the keeper knows, because the supervisor is another one by then.
  const pid_t supervisor = machine().process_of("blind", "supervisor");
  REQUIRE(::kill(supervisor, SIGKILL) == 0);
  REQUIRE(wait_until([&] {
    const pid_t now = machine().process_of("blind", "supervisor");
    return now > 0 && now != supervisor;
  }));
  REQUIRE(::kill(machine().process_of("blind", "main"), SIGTERM) == 0);
  const auto code = [] {
    const auto pod = machine().pod("blind");
    const auto& state = pod["status"]["containerStatuses"][0]["state"];
    return state.contains("terminated") ? state["terminated"].value("exitCode", -1) : -1;
  };
  CHECK(wait_until([&] { return code() != -1; }));
  CHECK(code() == 7);
  CHECK(without_inotify({"logs", "blind", "-f"}).second.find("told") != std::string::npos);
  machine().ok({"delete", "pod", "blind", "seen"});
  machine().ok({"delete", "service", "seen"});
}
