#include "sidecars/log/source_settings.hpp"

#include "sidecars/log/multiline_settings.hpp"

namespace tandem::shipper {

const run::ConfigTable& source_keys() {
  static const run::ConfigTable keys = [] {
    run::ConfigTable own = {
        {"sources[].name", "string", "", "Its name: in records, in `from`, on metrics."},
        {"sources[].type", "files|containers", "files",
         "Files found by pattern; or containers' logs in the CRI format: pod, container, stream and time are read from "
         "them."},
        {"sources[].paths", "list of patterns", "",
         "Absolute; *, ?, [a-z] within a name, ** for any number of folders. containers: default "
         "/var/log/pods/*/*/*.log."},
        {"sources[].exclude", "list of patterns", "", "Paths that are left out."},
    };
    own.insert(own.end(), multiline_keys().begin(), multiline_keys().end());
    return own;
  }();
  return keys;
}

Source read_source(Reader& item, std::string name) {
  Source source;
  source.name = std::move(name);
  source.container_logs = item.choice("type", "files", {"files", "containers"}) == "containers";
  for (const auto& path : item.strings("paths")) {
    if (!path.starts_with('/')) item.problem("paths", "the path \"" + path + "\" is not absolute");
    source.paths.emplace_back(path);
  }
  if (source.paths.empty() && source.container_logs) source.paths.emplace_back("/var/log/pods/*/*/*.log");
  if (source.paths.empty()) item.problem("paths", "at least one path is needed", "paths: [\"/logs/*.log*\"]");
  for (const auto& path : item.strings("exclude")) source.exclude.emplace_back(path);
  const MultilineSettings multiline = read_multiline(item);
  if (!source.container_logs && !multiline.rules) return source;
  Framing framing;
  framing.cri = source.container_logs;
  framing.rules = multiline.rules;
  framing.most_lines = multiline.most_lines;
  framing.patience = multiline.patience;
  source.framing = std::make_shared<Framing>(framing);
  return source;
}

}  // namespace tandem::shipper
