#include "pods/supervise/names_file.hpp"

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "core/os/temporaries.hpp"
#include "pods/state/state_file.hpp"

namespace tandem::supervise {

namespace {
fs::path names_path(const state::Roots& roots) { return roots.run / "names.json"; }
}  // namespace

NamesVersion names_version(const state::Roots& roots) {
  struct stat status {};
  if (::stat(names_path(roots).c_str(), &status) != 0) return {};
  return {status.st_ino, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

std::optional<network::Names> read_names(const state::Roots& roots) {
  try {
    const auto text = read_file_if_exists(names_path(roots));
    if (!text) return std::nullopt;
    return parse_json(*text).get<network::Names>();
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

void write_names(const state::Roots& roots, const network::Names& names) {
  remove_temporaries(roots.run);  // who writes it holds names.lock
  state::write_state_file(names_path(roots), json_text(nlohmann::json(names)) + "\n", 0644);
}

}  // namespace tandem::supervise
