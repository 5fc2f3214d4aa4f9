#include "pods/state/roots_file.hpp"

#include "core/config/json_text.hpp"
#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/state/json_values.hpp"

namespace tandem::state {

std::string to_json(const Roots& roots) {
  return json_text(Json{{"run", roots.run.string()},
                        {"lib", roots.lib.string()},
                        {"tag", roots.tag},
                        {"libexec", roots.libexec.string()}}) +
         "\n";
}

Roots parse_roots(std::string_view text) {
  return read_json(text, "roots.json", [](const Json& json) {
    Roots roots;
    roots.run = json.at("run").get<std::string>();
    roots.lib = json.at("lib").get<std::string>();
    roots.tag = json.at("tag").get<std::string>();
    roots.libexec = json.at("libexec").get<std::string>();
    return roots;
  });
}

Roots read_roots(const fs::path& pod_run_directory) {
  try {
    Roots roots = parse_roots(read_file(pod_run_directory / "roots.json"));
    if (roots.pods() == pod_run_directory.parent_path()) return roots;
  } catch (const Error&) {  // what it says is told by the place, too
  }
  std::error_code ignored;
  return roots_around(pod_run_directory.parent_path().parent_path(), fs::read_symlink("/proc/self/exe", ignored));
}

}  // namespace tandem::state
