#include "sidecars/log/settings.hpp"

#include <algorithm>
#include <set>

#include "core/config/reader.hpp"
#include "sidecars/log/sinks/sink.hpp"
#include "sidecars/log/source_settings.hpp"

namespace tandem::shipper {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

// Names become file names and metric labels.
bool is_name(const std::string& name) {
  return !name.empty() && name.size() <= 63 && name[0] != '.' && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
}

std::string read_name(Reader& item, std::set<std::string>& names) {
  const std::string name = item.required_string("name");
  if (name.empty()) return name;
  if (!is_name(name)) item.problem("name", "a name has up to 63 letters, digits, -, _ and . and does not begin with .");
  if (!names.insert(name).second) item.problem("name", "the name \"" + name + "\" is taken");
  return name;
}

void read_from(Reader& item, const std::set<std::string>& sources, std::vector<std::string>& from) {
  from = item.strings("from");
  for (const auto& name : from) {
    if (sources.contains(name)) continue;
    const auto near = closest(name, {sources.begin(), sources.end()});
    item.problem("from", "no source is called \"" + name + "\"", near.empty() ? "" : "did you mean \"" + near + "\"?");
  }
}

std::shared_ptr<const Condition> read_when(Reader& item) {
  const std::string text = item.string("when");
  if (text.empty()) return nullptr;
  std::string problem;
  auto condition = parse_condition(text, problem);
  if (!condition) item.problem("when", problem, "e.g.  when: level == \"error\" or status >= 500");
  return condition;
}

template <class Type>
const Type* read_type(Reader& item, const std::vector<Type>& types) {
  std::vector<std::string> names;
  std::string list;
  for (const auto& type : types) {
    names.push_back(type.name);
    list += (list.empty() ? "" : ", ") + type.name;
  }
  if (!item.has("type")) {
    item.node("type");
    item.problem("type", "is required", "one of " + list);
    return nullptr;
  }
  const std::string name = item.choice("type", "", names);
  const auto at = std::find_if(types.begin(), types.end(), [&](const Type& type) { return type.name == name; });
  return at == types.end() ? nullptr : &*at;
}

TransformSettings read_transform(Reader& item, std::set<std::string>& names, const std::set<std::string>& sources) {
  TransformSettings transform;
  transform.name = read_name(item, names);
  read_from(item, sources, transform.from);
  transform.when = read_when(item);
  if (const TransformType* const type = read_type(item, transform_types())) {
    transform.type = type->name;
    transform.make = type->read(item);
  }
  return transform;
}

void read_applied(Reader& item, const Settings& settings, SinkSettings& sink) {
  std::vector<std::string> known;
  for (const auto& transform : settings.transforms) known.push_back(transform.name);
  sink.transforms = item.has("transforms") ? item.strings("transforms") : known;
  for (const auto& name : sink.transforms) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto near = closest(name, known);
    item.problem("transforms", "no transform is called \"" + name + "\"",
                 near.empty() ? "" : "did you mean \"" + near + "\"?");
  }
}

SinkSettings read_sink(Reader& item, std::set<std::string>& names) {
  SinkSettings sink;
  sink.name = read_name(item, names);
  sink.when = read_when(item);
  if (const SinkType* const type = read_type(item, sink_types())) {
    sink.type = type->name;
    type->read(item, sink);
  }
  Reader batch = item.object("batch");
  sink.batch_bytes = batch.bytes("maxBytes", {sink.batch_bytes}).value;
  sink.batch_records = batch.integer("maxRecords", 1'000'000, 1, 1'000'000'000);
  sink.batch_wait = duration_cast<milliseconds>(batch.duration("maxWait", sink.batch_wait));
  if (sink.batch_bytes < 1024 || sink.batch_bytes > (64 << 20)) batch.problem("maxBytes", "must be from 1Ki to 64Mi");
  if (sink.batch_wait < milliseconds(0) || sink.batch_wait > std::chrono::minutes(15))
    batch.problem("maxWait", "must be from 0 to 15m");
  batch.done();
  return sink;
}

// Adds the rows of each type. What several types have is one row, which says whose it is.
template <class Type>
void add_type_keys(run::ConfigTable& keys, const std::string& prefix, const std::vector<Type>& types) {
  const std::size_t first = keys.size();
  for (const auto& type : types) {
    for (const auto& key : type.keys) {
      const std::string path = prefix + key.path;
      const auto same = std::find_if(keys.begin() + static_cast<std::ptrdiff_t>(first), keys.end(),
                                     [&](const run::ConfigKey& k) { return k.path == path; });
      if (same == keys.end()) {
        keys.push_back(key);
        keys.back().path = path;
        keys.back().help = type.name + ": " + key.help;
        continue;
      }
      if (same->help.ends_with(": " + key.help)) {
        same->help.insert(same->help.size() - key.help.size() - 2, ", " + type.name);
      } else {
        same->help += " " + type.name + ": " + key.help;
      }
      if (same->type.find(key.type) == std::string::npos) same->type += " or " + key.type;
      if (same->fallback != key.fallback) same->fallback.clear();  // each type says its own
      same->secret = same->secret || key.secret;
    }
  }
}

template <class Type>
std::string list_names(const std::vector<Type>& types) {
  std::string list;
  for (const auto& type : types) list += (list.empty() ? "" : "|") + type.name;
  return list;
}

run::ConfigTable make_keys() {
  run::ConfigTable keys = source_keys();
  keys.insert(
      keys.end(),
      {
          {"state.dir", "path", "", "Where positions are kept. Required; it must survive a restart of the container."},
          {"transforms[].name", "string", "", "Its name: for sinks' `transforms`, a label on metrics."},
          {"transforms[].type", list_names(transform_types()), "",
           "What it does. They are applied in the order written."},
          {"transforms[].from", "list of names", "", "The sources whose records it is for; absent: all of them."},
          {"transforms[].when", "condition", "", "The records it is for; absent: all of them."},
      });
  add_type_keys(keys, "transforms[].", transform_types());
  keys.insert(keys.end(),
              {
                  {"sinks[].name", "string", "", "Its name: the positions' file name and a label on metrics."},
                  {"sinks[].type", list_names(sink_types()), "", "Where records go."},
                  {"sinks[].from", "list of names", "", "The sources it takes; absent: all of them."},
                  {"sinks[].when", "condition", "", "The records it takes, after the transforms; absent: all of them."},
                  {"sinks[].transforms", "list of names", "",
                   "The transforms that its records go through; absent: all of them."},
              });
  add_type_keys(keys, "sinks[].", sink_types());
  keys.insert(
      keys.end(),
      {
          {"sinks[].batch.maxBytes", "bytes", "1Mi",
           "A batch ends with the record that reaches this; s3: absent is 16Mi."},
          {"sinks[].batch.maxRecords", "integer", "1000000", "Of one batch."},
          {"sinks[].batch.maxWait", "duration", "0s",
           "How long to gather records, unless maxBytes are there before; 0: send what is there when a request is "
           "free. "
           "s3: absent is 1m."},
          {"limits.line", "bytes", "1Mi", "Longer lines go in pieces of this size, marked."},
          {"limits.removed", "bytes", "1Gi",
           "Not yet shipped bytes of deleted files that are kept open; past it the oldest are given up."},
          {"limits.files", "integer", "10000",
           "That each sink follows at once; more wait until some are done, and four times as many names of a folder "
           "are "
           "looked at."},
          {"limits.fileNames", "bytes", "1Mi", "Of the paths of those together; likewise."},
          {"limits.unpacked", "bytes", "1Gi",
           "That may come of a rotated file that was compressed; one with more is not read, and counted."},
          {"limits.unpackedRatio", "integer", "200",
           "How many times its bytes may come of a compressed file, past 16 MiB; 0: any."},
          {"poll", "duration", "10s",
           "How often everything is looked at even without a notification (network file systems)."},
          {"shutdown.deadline", "duration", "24s", "How long SIGTERM waits until all is shipped; below drain.timeout."},
          {"exit", "sigterm|with-main", "sigterm",
           "When to end. with-main, for an ordinary container beside others: also when the main containers have ended, "
           "so "
           "that a Job completes. Told from their files: one has had a writer or has bytes, and for shutdown.quiet "
           "nobody "
           "has any of them open for writing, nothing was written, and all was shipped. Where the kernel does not tell "
           "(files of another user, without CAP_LEASE) a writer is assumed, with a warning."},
          {"shutdown.quiet", "duration", "10s",
           "exit: with-main. Longer than a main container is silent that opens its log for each line, and than it "
           "takes "
           "to be restarted (back-off: 10s doubling up to 5m)."},
      });
  return keys;
}

}  // namespace

const run::ConfigTable& config_keys() {
  static const run::ConfigTable keys = make_keys();
  return keys;
}

Settings decode_settings(const Document& config, Problems& problems) {
  Settings settings;
  Reader reader = run::read_config(config, problems);
  std::set<std::string> source_names, transform_names, sink_names;
  reader.each("sources", [&](Reader& item) {
    settings.sources.push_back(read_source(item, read_name(item, source_names)));
    item.done();
  });
  if (settings.sources.empty()) reader.problem("sources", "at least one source is needed");
  reader.each("transforms", [&](Reader& item) {
    settings.transforms.push_back(read_transform(item, transform_names, source_names));
    if (!settings.transforms.back().type.empty()) item.done();  // else nobody knows what its keys mean
  });
  reader.each("sinks", [&](Reader& item) {
    SinkSettings sink = read_sink(item, sink_names);
    read_from(item, source_names, sink.from);
    read_applied(item, settings, sink);
    settings.sinks.push_back(std::move(sink));
    if (!settings.sinks.back().type.empty()) item.done();
  });
  if (settings.sinks.empty()) reader.problem("sinks", "at least one sink is needed");
  Reader state = reader.object("state");
  settings.state_dir = state.required_string("dir");
  state.done();
  settle_sources(settings, reader);
  Reader limits = reader.object("limits");
  settings.line_limit = limits.bytes("line", {1 << 20}).value;
  settings.removed_limit = limits.bytes("removed", {1 << 30}).value;
  if (settings.line_limit < 1024 || settings.line_limit > (64 << 20))
    limits.problem("line", "must be from 1Ki to 64Mi");
  const auto unpacked = limits.bytes("unpacked", {1 << 30}).value;
  if (unpacked < 0) limits.problem("unpacked", "must not be negative");
  settings.unpack.bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(unpacked, 0));
  settings.most_files = limits.integer("files", 10'000, 1, 10'000'000);
  settings.most_name_bytes = limits.bytes("fileNames", {1 << 20}).value;
  if (settings.most_name_bytes < 4096) limits.problem("fileNames", "must be at least 4Ki");
  settings.unpack.ratio = static_cast<std::uint64_t>(limits.integer("unpackedRatio", 200, 0, 1'000'000));
  limits.done();
  settings.poll = duration_cast<milliseconds>(reader.duration("poll", std::chrono::seconds(10)));
  if (settings.poll < milliseconds(10)) reader.problem("poll", "must be at least 10ms");
  Reader shutdown = reader.object("shutdown");
  settings.shutdown_deadline = duration_cast<milliseconds>(shutdown.duration("deadline", std::chrono::seconds(24)));
  settings.quiet = duration_cast<milliseconds>(shutdown.duration("quiet", settings.quiet));
  if (settings.quiet < milliseconds(100)) shutdown.problem("quiet", "must be at least 100ms");
  shutdown.done();
  settings.exit_with_main = reader.choice("exit", "sigterm", {"sigterm", "with-main"}) == "with-main";
  reader.done();
  for (const auto& sink : settings.sinks)
    for (const auto& source : settings.sources)
      if (!sink.path.empty() && (source.takes(sink.path) || source.takes(sink.path + ".1")))
        reader.problem("sinks",
                       "the sink \"" + sink.name + "\" writes to a file that the source \"" + source.name + "\" reads");
  return settings;
}

}  // namespace tandem::shipper
