#include "core/config/node.hpp"
#include "core/config/reader.hpp"
#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/network/leases.hpp"
#include "pods/network/links.hpp"
#include "pods/network/network.hpp"
#include "pods/network/subnet_choice.hpp"

namespace tandem::network {

namespace {

const char* const how_to_set = "set \"network: {subnet: A.B.C.D/LENGTH}\"";

fs::path config_file(const state::Roots& roots) {
  return roots.tag.empty() ? fs::path("/etc/tandem/config.yaml") : roots.run.parent_path() / "config.yaml";
}

std::optional<Prefix> configured_subnet(const fs::path& file) {
  const auto text = read_file_if_exists(file);
  if (!text) return std::nullopt;
  Problems problems;
  const auto documents = parse_yaml(*text, file.string(), problems);
  std::optional<Prefix> subnet;
  if (!documents.empty() && !problems.has_errors()) {
    Reader whole(documents.front().root, file.string(), "", problems);
    Reader network = whole.object("network");
    if (const std::string written = network.string("subnet"); !written.empty()) {
      subnet = parse_prefix(written);
      if (!subnet || subnet->length < 8 || subnet->length > 30) {
        network.problem("subnet", "\"" + written + "\" is not an IPv4 subnet of length 8 to 30",
                        "for example 10.83.0.0/16");
      }
    }
    network.done();
  }
  if (problems.has_errors()) throw Error(Fault::input, "read", file.string(), problems.text());
  return subnet;
}

// Routes of the host that lead elsewhere than to our own bridge.
std::vector<Prefix> foreign_routes(const std::string& bridge) {
  const Links links;
  const int own = links.index_of(bridge);
  std::vector<Prefix> found;
  for (const Route& route : links.routes()) {
    if (own == 0 || route.interface_index != own) found.push_back(route.destination);
  }
  return found;
}

const Prefix* overlapping(const Prefix& subnet, const std::vector<Prefix>& routes) {
  for (const Prefix& route : routes) {
    if (route.overlaps(subnet)) return &route;
  }
  return nullptr;
}

Prefix choose(const std::vector<Prefix>& candidates, const std::vector<Prefix>& routes, const std::string& file) {
  for (const Prefix& candidate : candidates) {
    if (!overlapping(candidate, routes)) return candidate;
  }
  throw Error(Fault::environment, "choose a subnet for pods", to_string(candidates.front()),
              "it overlaps the route to " + to_string(*overlapping(candidates.front(), routes)),
              std::string(how_to_set) + " in " + file);
}

// `leases`: nullptr where no pod has had an address yet.
Prefix choose_for(const state::Roots& roots, const Leases* leases) {
  const std::string file = config_file(roots).string();
  const auto configured = configured_subnet(file);
  const auto kept = leases ? leases->subnet() : std::nullopt;
  const bool used = leases && !leases->all().empty();
  if (kept && configured && *kept != *configured && used) {
    throw Error(Fault::environment, "use subnet", to_string(*configured), "pods still run in " + to_string(*kept),
                "delete them first, or set it back in " + file);
  }
  std::vector<Prefix> candidates = subnet_candidates(roots.tag);
  if (configured) {
    candidates = {*configured};
  } else if (kept) {
    if (used) return *kept;
    candidates.insert(candidates.begin(), *kept);
  }
  return choose(candidates, foreign_routes(roots.bridge()), file);
}

}  // namespace

Subnet find_subnet(const state::Roots& roots) {
  const Leases leases(roots);
  const Prefix chosen = choose_for(roots, &leases);
  if (leases.subnet() != chosen) leases.keep_subnet(chosen);
  return to_subnet(chosen);
}

Subnet foresee_subnet(const state::Roots& roots) {
  std::error_code unseen;  // of a place that we may not look into, the Leases tell the error
  if (!fs::exists(roots.network(), unseen) && !unseen) return to_subnet(choose_for(roots, nullptr));
  const Leases leases(roots);
  return to_subnet(choose_for(roots, &leases));
}

}  // namespace tandem::network
