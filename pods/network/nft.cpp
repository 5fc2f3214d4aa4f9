#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "core/os/error.hpp"
#include "core/os/process.hpp"
#include "pods/network/firewall.hpp"

namespace tandem::network {

namespace {

constexpr std::chrono::seconds time_limit{20};

std::string require_nft() {
  if (auto path = find_nft()) return *path;
  throw Error(Fault::environment, "run", "nft", "it is not installed",
              "install nftables (on Debian: apt-get install nftables)");
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// nullopt: there is no such thing.
std::optional<std::string> list(std::vector<std::string> what) {
  what.insert(what.begin(), {require_nft(), "-a", "list"});
  const auto result = run_command(what, "", time_limit);
  if (result.status == ExitStatus{}) return result.output;
  if (result.errors.find("No such file or directory") != std::string::npos) return std::nullopt;
  throw Error(Fault::environment, "list firewall rules with", "nft", first_line(result.errors),
              "pod networks need root");
}

}  // namespace

std::optional<std::string> find_nft() {
  const char* path = std::getenv("PATH");
  // A root shell opened by `su` often has no sbin in its PATH.
  std::istringstream folders(std::string(path ? path : "") + ":/usr/sbin:/sbin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = folder + "/nft";
    if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

void apply_rules(const std::string& script) {
  const auto result = run_command({require_nft(), "-f", "-"}, script, time_limit);
  if (result.status == ExitStatus{}) return;
  throw Error(Fault::environment, "set firewall rules with", "nft", first_line(result.errors),
              "the kernel needs nf_tables with nat, and pod networks need root");
}

std::vector<std::string> list_tables(const std::string& family) {
  std::istringstream words(run_command({require_nft(), "list", "tables", family}, "", time_limit).output);
  std::vector<std::string> names;
  for (std::string table, its_family, name; words >> table >> its_family >> name;) names.push_back(name);
  return names;
}

bool has_table(const std::string& family, const std::string& table) {
  const auto names = list_tables(family);
  return std::find(names.begin(), names.end(), table) != names.end();
}

std::vector<std::string> list_guarded(const std::string& table) {
  return parse_guarded(list({"map", "bridge", table, "ports"}).value_or(""));
}

std::optional<std::string> list_host_ports(const std::string& table) {
  return list({"chain", "ip", table, "host_ports"});
}

}  // namespace tandem::network
