// What a container can write to the terminal of the one who looks at it (CVE-2021-25743).
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/security/hostile_pod.hpp"

using namespace tandem::test;

TEST_CASE("no command that tells of a pod passes on a control character of its termination message") {
  machine().ok({"apply", "-f", "-"}, R"(apiVersion: v1
kind: Pod
metadata: {name: writes, annotations: {note: "\e]0;of an annotation\a"}}
spec:
  restartPolicy: Never
  containers:
  - name: main
    image: localhost/hostile
    command: [sh, -c, "printf '\\033[2J\\033]52;c;cm0gLXJm\\007 of a message \\302\\233 31m' > /dev/termination-log; exit 3"]
)");
  REQUIRE(wait_until([] { return machine().pod("writes")["status"]["phase"] == "Failed"; }));
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"describe", "pod", "writes"},
                                             {"get", "pod", "writes"},
                                             {"get", "pod", "writes", "-o", "wide"},
                                             {"get", "pod", "writes", "-o", "yaml"},
                                             {"get", "pod", "writes", "-o", "json"},
                                             {"delete", "pod", "wri\x1b[1mtes"}}) {
    const auto result = machine().tandem(command);
    INFO(command[0] << " " << command.back());
    for (const std::string& text : {result.output, result.errors}) {
      CHECK(text.find_first_of("\x1b\x07\x08\r") == std::string::npos);
      CHECK(text.find("\xc2\x9b") == std::string::npos);
    }
  }
  CHECK(machine().ok({"describe", "pod", "writes"}).find("\\u001b[2J") != std::string::npos);
  machine().ok({"delete", "pod", "writes"});
}
