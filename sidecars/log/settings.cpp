#include "sidecars/log/settings.hpp"

#include <algorithm>
#include <set>

#include "core/config/reader.hpp"
#include "core/net/url.hpp"

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

Source read_source(Reader& item, std::set<std::string>& names) {
  Source source;
  source.name = read_name(item, names);
  item.choice("type", "files", {"files"});
  for (const auto& path : item.strings("paths")) {
    if (!path.starts_with('/')) item.problem("paths", "the path \"" + path + "\" is not absolute");
    source.paths.emplace_back(path);
  }
  if (source.paths.empty()) item.problem("paths", "at least one path is needed", "paths: [\"/logs/*.log*\"]");
  for (const auto& path : item.strings("exclude")) source.exclude.emplace_back(path);
  return source;
}

void read_network(Reader& item, SinkSettings& sink) {
  sink.in_flight = static_cast<int>(item.integer("inFlight", 4, 1, 64));
  sink.timeout = duration_cast<milliseconds>(item.duration("timeout", std::chrono::seconds(30)));
  if (sink.timeout <= milliseconds(0)) item.problem("timeout", "must be more than 0");
}

void read_tcp(Reader& item, SinkSettings& sink) {
  const std::string text = item.required_string("address");
  std::string why;
  const auto address = net::parse_endpoint(text, why);
  if (!text.empty() && !address) item.problem("address", "the address \"" + text + "\" " + why);
  sink.address = address.value_or(net::Endpoint());
  read_network(item, sink);
}

void read_http(Reader& item, SinkSettings& sink) {
  sink.url = item.required_string("url");
  std::string why;
  const auto url = net::parse_url(sink.url, why);
  if (!sink.url.empty() && !url) item.problem("url", "the URL \"" + sink.url + "\" " + why);
  if (url && url->scheme == "https") item.problem("url", "https is not there yet");
  sink.headers = item.string_map("headers");
  read_network(item, sink);
  Reader letters = item.object("deadLetter");
  sink.dead_letter = letters.string("path");
  sink.dead_letter_bytes = letters.bytes("maxBytes", {64 << 20}).value;
  letters.done();
}

void read_file_sink(Reader& item, SinkSettings& sink) {
  sink.path = item.required_string("path");
  if (!sink.path.empty() && !sink.path.starts_with('/')) item.problem("path", "the path is not absolute");
  Reader rotate = item.object("rotate");
  sink.rotate_bytes = rotate.bytes("size", {0}).value;
  sink.rotate_keep = static_cast<int>(rotate.integer("keep", 3, 1, 1000));
  rotate.done();
}

SinkSettings read_sink(Reader& item, std::set<std::string>& names) {
  SinkSettings sink;
  sink.name = read_name(item, names);
  const std::string type = item.choice("type", "", {"stdout", "file", "tcp", "http"});
  if (!item.has("type")) item.problem("type", "is required", "one of stdout, file, tcp, http");
  sink.format = item.choice("format", "json", {"json", "raw"}) == "raw" ? Format::raw : Format::json;
  sink.from = item.strings("from");
  if (type == "tcp") sink.type = SinkType::tcp, read_tcp(item, sink);
  if (type == "http") sink.type = SinkType::http, read_http(item, sink);
  if (type == "file") sink.type = SinkType::file, read_file_sink(item, sink);
  Reader batch = item.object("batch");
  sink.batch_bytes = batch.bytes("maxBytes", {1 << 20}).value;
  sink.batch_records = batch.integer("maxRecords", 1'000'000, 1, 1'000'000'000);
  sink.batch_wait = duration_cast<milliseconds>(batch.duration("maxWait", std::chrono::nanoseconds(0)));
  if (sink.batch_bytes < 1024 || sink.batch_bytes > (64 << 20)) batch.problem("maxBytes", "must be from 1Ki to 64Mi");
  if (sink.batch_wait < milliseconds(0) || sink.batch_wait > std::chrono::minutes(1))
    batch.problem("maxWait", "must be from 0 to 1m");
  batch.done();
  return sink;
}

}  // namespace

const run::ConfigTable& config_keys() {
  static const run::ConfigTable keys = {
      {"sources[].name", "string", "", "Its name: in records, in `from`, on metrics."},
      {"sources[].type", "files", "files", "Files found by pattern."},
      {"sources[].paths", "list of patterns", "", "Absolute; *, ?, [a-z] within a name, ** for any number of folders."},
      {"sources[].exclude", "list of patterns", "", "Paths that are left out."},
      {"state.dir", "path", "", "Where positions are kept. Required; it must survive a restart of the container."},
      {"transforms", "list", "", "Not there yet: must be empty."},
      {"sinks[].name", "string", "", "Its name: the positions' file name and a label on metrics."},
      {"sinks[].type", "stdout|file|tcp|http", "", "Where records go."},
      {"sinks[].from", "list of names", "", "The sources it takes; absent: all of them."},
      {"sinks[].format", "json|raw", "json", "One JSON record a line, or the lines as they are."},
      {"sinks[].path", "path", "", "file: appended to; cut back at the start to what was committed."},
      {"sinks[].rotate.size", "bytes", "0", "file: renamed to PATH.1 when it would grow past this; 0: never."},
      {"sinks[].rotate.keep", "integer", "3", "file: how many renamed ones are kept."},
      {"sinks[].address", "HOST:PORT", "", "tcp: lines are sent here, over one connection."},
      {"sinks[].url", "URL", "", "http: newline JSON is POSTed here, with an Idempotency-Key per batch."},
      {"sinks[].headers", "map of strings", "", "http: further headers.", true},
      {"sinks[].inFlight", "integer", "4", "tcp, http: batches on their way at once."},
      {"sinks[].timeout", "duration", "30s", "tcp: without progress; http: of one request."},
      {"sinks[].deadLetter.path", "path", "",
       "http: where refused records go; absent: NAME.rejected.ndjson in state.dir."},
      {"sinks[].deadLetter.maxBytes", "bytes", "64Mi", "http: when that file is full the sink waits."},
      {"sinks[].batch.maxBytes", "bytes", "1Mi", "Of one batch's body; a single longer record still goes."},
      {"sinks[].batch.maxRecords", "integer", "1000000", "Of one batch."},
      {"sinks[].batch.maxWait", "duration", "0s",
       "How long to gather records; 0: send what is there when a request is free."},
      {"limits.line", "bytes", "1Mi", "Longer lines go in pieces of this size, marked."},
      {"limits.removed", "bytes", "1Gi",
       "Not yet shipped bytes of deleted files that are kept open; past it the oldest are given up."},
      {"poll", "duration", "10s",
       "How often everything is looked at even without a notification (network file systems)."},
      {"shutdown.deadline", "duration", "24s", "How long SIGTERM waits until all is shipped; below drain.timeout."},
  };
  return keys;
}

Settings decode_settings(const Document& config, Problems& problems) {
  Settings settings;
  Reader reader = run::read_config(config, problems);
  std::set<std::string> source_names, sink_names;
  reader.each("sources", [&](Reader& item) {
    settings.sources.push_back(read_source(item, source_names));
    item.done();
  });
  if (settings.sources.empty()) reader.problem("sources", "at least one source is needed");
  if (const Node* transforms = reader.node("transforms");
      transforms && (!transforms->is_sequence() || !transforms->items.empty()))
    reader.problem("transforms", "transforms are not there yet", "remove them; records carry the line as `message`");
  reader.each("sinks", [&](Reader& item) {
    SinkSettings sink = read_sink(item, sink_names);
    for (const auto& from : sink.from) {
      if (source_names.contains(from)) continue;
      const auto near = closest(from, {source_names.begin(), source_names.end()});
      item.problem("from", "no source is called \"" + from + "\"",
                   near.empty() ? "" : "did you mean \"" + near + "\"?");
    }
    settings.sinks.push_back(std::move(sink));
    item.done();
  });
  if (settings.sinks.empty()) reader.problem("sinks", "at least one sink is needed");
  Reader state = reader.object("state");
  settings.state_dir = state.required_string("dir");
  state.done();
  Reader limits = reader.object("limits");
  settings.line_limit = limits.bytes("line", {1 << 20}).value;
  settings.removed_limit = limits.bytes("removed", {1 << 30}).value;
  if (settings.line_limit < 1024 || settings.line_limit > (64 << 20))
    limits.problem("line", "must be from 1Ki to 64Mi");
  limits.done();
  settings.poll = duration_cast<milliseconds>(reader.duration("poll", std::chrono::seconds(10)));
  if (settings.poll < milliseconds(10)) reader.problem("poll", "must be at least 10ms");
  Reader shutdown = reader.object("shutdown");
  settings.shutdown_deadline = duration_cast<milliseconds>(shutdown.duration("deadline", std::chrono::seconds(24)));
  shutdown.done();
  reader.done();
  for (const auto& sink : settings.sinks)
    for (const auto& source : settings.sources)
      if (sink.type == SinkType::file && (source.takes(sink.path) || source.takes(sink.path + ".1")))
        reader.problem("sinks",
                       "the sink \"" + sink.name + "\" writes to a file that the source \"" + source.name + "\" reads");
  return settings;
}

}  // namespace tandem::shipper
