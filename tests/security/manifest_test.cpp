// What a manifest that asks for no rights of the host can do to it.
#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "tests/security/hostile_pod.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

std::string pod_with(const std::string& spec) {
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: asks}\nspec:\n" + spec +
         "  terminationGracePeriodSeconds: 0\n"
         "  containers: [{name: main, image: localhost/hostile, command: [sleep, \"1000\"]}]\n";
}

std::string without_newline(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

TEST_CASE("a sysctl of the whole machine, or of a namespace that is the host's, is refused (CVE-2022-0811)") {
  struct Case {
    std::string name, of_host;  // the second: fields that share a namespace with the host
  };
  for (const Case& each : std::vector<Case>{{"kernel.core_pattern", ""},
                                            {"kernel/core_pattern", ""},
                                            {"kernel.modprobe", ""},
                                            {"kernel.shm_rmid_forced", "  hostIPC: true\n"},
                                            {"net.ipv4.ip_forward", "  hostNetwork: true\n"},
                                            {"net/ipv4/ip_forward", "  hostNetwork: true\n"}}) {
    std::string file = each.name;
    for (char& c : file) c = c == '.' ? '/' : c;
    // The value that it has: nothing changes where it is not refused.
    const std::string value = without_newline(read_file_if_exists("/proc/sys/" + file, 4096).value_or("1"));
    const CommandResult planned = machine().tandem(
        {"plan", "-f", "-"},
        pod_with(each.of_host + "  securityContext: {sysctls: [{name: " + each.name + ", value: '" + value + "'}]}\n"));
    INFO(each.name << ": " << planned.output << planned.errors);
    CHECK(planned.status != ExitStatus{});
    CHECK(planned.errors.find("spec.securityContext.sysctls[0].name") != std::string::npos);
  }
}

TEST_CASE("volumes that fetch or run something on the host are refused (CVE-2024-10220, CVE-2025-1767)") {
  for (const char* volume : {"gitRepo: {repository: /}", "flexVolume: {driver: x}", "csi: {driver: x}"}) {
    const CommandResult planned =
        machine().tandem({"plan", "-f", "-"}, pod_with("  volumes: [{name: v, " + std::string(volume) + "}]\n"));
    INFO(volume << ": " << planned.output << planned.errors);
    CHECK(planned.status != ExitStatus{});
    const std::string kind = std::string(volume).substr(0, std::string(volume).find(':'));
    CHECK(planned.errors.find("spec.volumes[0]." + kind + ": ") != std::string::npos);
    // Left out when somebody asks for it; and then there is no volume, rather than another kind of one.
    const CommandResult ignored = machine().tandem({"plan", "--validate=ignore", "-f", "-"},
                                                   pod_with("  volumes: [{name: v, " + std::string(volume) + "}]\n"));
    INFO(ignored.output << ignored.errors);
    CHECK(ignored.status != ExitStatus{});
  }
}

TEST_CASE("a seccomp profile that is not there is an error, and never none at all (CVE-2023-2431)") {
  for (const char* profile :
       {"{type: Localhost}", "{type: Localhost, localhostProfile: ''}", "{type: Localhost, localhostProfile: x.json}",
        "{type: Nothing}", "{localhostProfile: x.json}"}) {
    const CommandResult planned = machine().tandem(
        {"plan", "-f", "-"}, pod_with("  securityContext: {seccompProfile: " + std::string(profile) + "}\n"));
    INFO(profile << ": " << planned.output << planned.errors);
    CHECK(planned.status != ExitStatus{});
    CHECK(planned.errors.find("spec.securityContext.seccompProfile.type: ") != std::string::npos);
  }
}
