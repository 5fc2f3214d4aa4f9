#include "sidecars/log/source_settings.hpp"

namespace tandem::shipper {

const run::ConfigTable& source_keys() {
  static const run::ConfigTable keys = {
      {"sources[].name", "string", "", "Its name: in records, in `from`, on metrics."},
      {"sources[].type", "files", "files", "Files found by pattern."},
      {"sources[].paths", "list of patterns", "", "Absolute; *, ?, [a-z] within a name, ** for any number of folders."},
      {"sources[].exclude", "list of patterns", "", "Paths that are left out."},
  };
  return keys;
}

Source read_source(Reader& item, std::string name) {
  Source source;
  source.name = std::move(name);
  item.choice("type", "files", {"files"});
  for (const auto& path : item.strings("paths")) {
    if (!path.starts_with('/')) item.problem("paths", "the path \"" + path + "\" is not absolute");
    source.paths.emplace_back(path);
  }
  if (source.paths.empty()) item.problem("paths", "at least one path is needed", "paths: [\"/logs/*.log*\"]");
  for (const auto& path : item.strings("exclude")) source.exclude.emplace_back(path);
  return source;
}

}  // namespace tandem::shipper
