#include "sidecars/log/source_settings.hpp"

#include <algorithm>

#include "sidecars/log/assembly.hpp"
#include "sidecars/log/intake_settings.hpp"
#include "sidecars/log/multiline_settings.hpp"
#include "sidecars/log/settings.hpp"

namespace tandem::shipper {
namespace {

ReclaimRules read_reclaim(Reader& item) {
  Reader reclaim = item.object("reclaim");
  ReclaimRules rules;
  rules.remove = reclaim.boolean("delete", false);
  rules.punch = reclaim.boolean("punchHoles", false);
  rules.keep = static_cast<std::uint64_t>(reclaim.integer("keep", 2, 0, 1'000'000));
  const auto quota = reclaim.bytes("quota", {0}).value;
  if (quota < 0) reclaim.problem("quota", "must not be negative");
  rules.quota = static_cast<std::uint64_t>(std::max<std::int64_t>(quota, 0));
  rules.quiet = reclaim.duration("quiet", rules.quiet);
  if (rules.quiet < std::chrono::nanoseconds(0)) reclaim.problem("quiet", "must not be negative");
  if (!rules.remove && reclaim.has("keep")) reclaim.problem("keep", "nothing is deleted", "delete: true");
  reclaim.done();
  return rules;
}

void read_files(Reader& item, Source& source) {
  for (const auto& path : item.strings("paths")) {
    if (!path.starts_with('/')) item.problem("paths", "the path \"" + path + "\" is not absolute");
    source.paths.emplace_back(path);
  }
  if (source.paths.empty() && source.container_logs) source.paths.emplace_back("/var/log/pods/*/*/*.log");
  if (source.paths.empty()) item.problem("paths", "at least one path is needed", "paths: [\"/logs/*.log*\"]");
  for (const auto& path : item.strings("exclude")) source.exclude.emplace_back(path);
  Reader follow = item.object("follow");
  const std::string links = follow.choice("links", "inside", {"inside", "any", "never"});
  source.links = links == "any" ? Links::any : links == "never" ? Links::never : Links::inside;
  follow.done();
  source.reclaim = read_reclaim(item);
  if (source.container_logs && (source.reclaim.remove || source.reclaim.punch))
    item.problem("reclaim", "containers' logs are the kubelet's, which rotates and deletes them");
}

}  // namespace

const run::ConfigTable& source_keys() {
  static const run::ConfigTable keys = [] {
    run::ConfigTable own = {
        {"sources[].name", "string", "", "Its name: in records, in `from`, on metrics."},
        {"sources[].type", "files|containers|stdin|socket|syslog", "files",
         "Files found by pattern; or containers' logs in the CRI format: pod, container, stream and time are read from "
         "them; or what comes in: lines of stdin (when it is the only source, the program ends after it), lines by "
         "sockets, or syslog messages (not parsed: transforms of type syslog do)."},
        {"sources[].paths", "list of patterns", "",
         "Absolute; *, ?, [a-z] within a name, ** for any number of folders. containers: default "
         "/var/log/pods/*/*/*.log."},
        {"sources[].exclude", "list of patterns", "", "Paths that are left out."},
        {"sources[].follow.links", "inside|any|never", "inside",
         "files, containers: the symbolic links that are followed, files and folders alike. inside: those that stay, "
         "at "
         "whatever depth, in the pattern's fixed folder: the part before its first name with a wildcard. What is left "
         "out is counted, and named once in the log. /var/log/containers/*.log needs any: the kubelet makes them "
         "links to /var/log/pods."},
        {"sources[].reclaim.delete", "boolean", "false",
         "files: delete a file when every sink that takes the source has acknowledged all of it, nobody has it open "
         "for "
         "writing, nothing was read from it for `quiet`, and another file of its family (names that differ in numbers, "
         "dates and hashes only) was written later."},
        {"sources[].reclaim.punchHoles", "boolean", "false",
         "files: what every sink that takes the source has acknowledged of a file becomes a hole, while its writer "
         "goes on: its length stays, its disk space is free. The first 64 KiB and the last MiB stay. Who reads the "
         "file from its beginning finds zeros there."},
        {"sources[].reclaim.keep", "integer", "2", "files: so many of them stay in each family, the newest."},
        {"sources[].reclaim.quota", "bytes", "",
         "files: of all the source's files together, as they take room on disk. Past it `keep` and families do not "
         "count, only that a file is "
         "shipped, quiet and without a writer, and not the source's newest; when that is not enough, a warning, a "
         "metric "
         "and /readyz say so. Without `delete` it only warns."},
        {"sources[].reclaim.quiet", "duration", "5s", "files: see delete."},
    };
    own.insert(own.end(), intake_keys().begin(), intake_keys().end());
    own.insert(own.end(), multiline_keys().begin(), multiline_keys().end());
    return own;
  }();
  return keys;
}

Source read_source(Reader& item, std::string name) {
  Source source;
  source.name = std::move(name);
  const std::string type = item.choice("type", "files", {"files", "containers", "stdin", "socket", "syslog"});
  source.container_logs = type == "containers";
  if (type == "files" || type == "containers") {
    read_files(item, source);
  } else {
    source.intake = std::make_shared<IntakeSettings>(read_intake(item, type));
    // Nobody else reads them, and the one that is written has a writer.
    source.reclaim = {true, false, 0, 0, std::chrono::nanoseconds(0), false};
  }
  const MultilineSettings multiline = read_multiline(item);
  if (!source.container_logs && !source.intake && !multiline.rules) return source;
  Framing framing;
  framing.cri = source.container_logs;
  framing.spool = source.intake != nullptr;
  framing.rules = multiline.rules;
  framing.most_lines = multiline.most_lines;
  framing.patience = multiline.patience;
  source.framing = std::make_shared<Framing>(framing);
  return source;
}

void settle_sources(Settings& settings, Reader& reader) {
  std::size_t inputs = 0;
  for (auto& source : settings.sources) {
    if (source.intake) source.paths = {Glob(spool_directory(settings.state_dir, source.name) + "/*.log")};
    if (source.intake && source.intake->kind == IntakeSettings::Kind::standard_input) ++inputs;
    const bool taken = std::any_of(settings.sinks.begin(), settings.sinks.end(),
                                   [&](const SinkSettings& sink) { return takes(sink, source); });
    if (taken || settings.sinks.empty()) continue;
    if (source.intake) reader.problem("sources", "no sink takes what \"" + source.name + "\" receives");
    if (!source.intake && source.reclaim.remove)
      reader.problem("sources", "\"" + source.name + "\" would never delete a file: no sink takes it");
  }
  if (inputs > 1) reader.problem("sources", "only one source can have stdin");
}

std::string spool_directory(const std::string& state_dir, const std::string& source) {
  return state_dir + "/spool/" + source;
}

}  // namespace tandem::shipper
