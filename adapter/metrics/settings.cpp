#include "adapter/metrics/settings.hpp"

#include <algorithm>
#include <set>

#include "adapter/metrics/format.hpp"
#include "core/config/reader.hpp"
#include "core/net/url.hpp"

namespace tandem::metrics {

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::chrono::milliseconds read_time(Reader& reader, const std::string& key, std::chrono::milliseconds fallback) {
  auto time = std::chrono::duration_cast<std::chrono::milliseconds>(reader.duration(key, fallback));
  if (time < std::chrono::milliseconds(1)) reader.problem(key, "must be at least 1ms");
  return time;
}

Pairs read_labels(Reader& reader) {
  auto labels = reader.string_map("labels");
  for (const auto& [name, value] : labels) {
    if (!is_label_name(name) || name.starts_with("__")) reader.problem("labels", "\"" + name + "\" is no label name");
    if (name == "le" || name == "quantile")
      reader.problem("labels", "\"" + name + "\" is taken by histograms and summaries");
  }
  return labels;
}

JsonRule read_rule(Reader& reader) {
  JsonRule rule;
  rule.path_text = reader.required_string("path");
  std::string why;
  auto path = parse_json_path(rule.path_text, why);
  if (path) rule.path = std::move(*path);
  if (!path && !rule.path_text.empty()) reader.problem("path", "\"" + rule.path_text + "\" " + why);
  rule.name = reader.required_string("name");
  if (!rule.name.empty() && !is_metric_name(rule.name))
    reader.problem("name", "\"" + rule.name + "\" is no metric name");
  auto type = reader.choice("type", "gauge", {"counter", "gauge", "untyped"});
  rule.kind = type == "counter" ? Kind::counter : type == "untyped" ? Kind::untyped : Kind::gauge;
  rule.help = reader.string("help");
  rule.scale = reader.number("scale", 1);
  rule.labels = read_labels(reader);
  auto wildcards =
      std::count_if(rule.path.begin(), rule.path.end(), [](const PathStep& step) { return step.wildcard; });
  if (wildcards > 0 && rule.labels.empty())
    reader.problem("path", "a * needs a label that tells its samples apart", "labels: {name: \"$1\"}");
  reader.done();
  return rule;
}

void read_where(Reader& reader, Source& source) {
  std::string why;
  if (source.format->transport == Transport::http) {
    source.url = reader.required_string("url");
    auto url = net::parse_url(source.url, why);
    if (!source.url.empty() && !url) reader.problem("url", "\"" + source.url + "\" " + why);
    if (url && url->scheme == "https") reader.problem("url", "https is not there yet");
    return;
  }
  auto text = reader.required_string("address");
  auto address = net::parse_endpoint(text, why);
  if (address) source.address = *address;
  if (!text.empty() && !address) reader.problem("address", "\"" + text + "\" " + why);
  source.password = reader.string("password");
}

std::shared_ptr<const Source> read_source(Reader& reader, const Settings& settings) {
  auto source = std::make_shared<Source>();
  source->name = reader.required_string("name");
  std::vector<std::string> types;
  for (const auto& format : formats()) types.emplace_back(format.type);
  if (!reader.has("type")) reader.problem("", "the field \"type\" is missing");
  auto type = reader.choice("type", "prometheus", types);
  source->format = find_format(type);
  if (!source->format) return nullptr;
  read_where(reader, *source);
  source->container = reader.string("container", source->name);
  source->timeout = read_time(reader, "timeout", settings.timeout);
  source->required = reader.boolean("required", true);
  Pairs labels = {{"container", source->container}};
  for (auto& label : read_labels(reader)) {
    if (label.first == "container") reader.problem("labels", "use the key container for this label");
    labels.push_back(label);
  }
  source->labels = Labels(labels);
  source->limits = settings.limits;
  if (type == "json") {
    reader.each("map", [&](Reader& rule) { source->mapping.rules.push_back(read_rule(rule)); });
    source->mapping.prefix = reader.string("prefix");
    if (!source->mapping.prefix.empty() && !is_metric_name(source->mapping.prefix))
      reader.problem("prefix", "\"" + source->mapping.prefix + "\" is no beginning of a metric name");
  }
  reader.done();
  return source;
}

std::uint64_t read_size(Reader& limits, const std::string& key, std::uint64_t fallback, std::int64_t least) {
  const auto bytes = limits.bytes(key, {static_cast<std::int64_t>(fallback)}).value;
  if (bytes < least) limits.problem(key, "must be at least " + std::to_string(least));
  return static_cast<std::uint64_t>(std::max(bytes, least));
}

std::size_t read_count(Reader& limits, const std::string& key, std::size_t fallback, std::int64_t most) {
  return static_cast<std::size_t>(limits.integer(key, static_cast<std::int64_t>(fallback), 1, most));
}

void read_limits(Reader& reader, Settings& settings) {
  constexpr std::int64_t most = 1'000'000'000, deepest = 1'000;  // a level takes stack
  Reader limits = reader.object("limits");
  PageLimits& page = settings.limits;
  settings.answer_bytes = read_size(limits, "answerBytes", settings.answer_bytes, 1024);
  page.page_bytes = read_size(limits, "pageBytes", page.page_bytes, 64 * 1024);
  page.name_bytes = read_size(limits, "nameBytes", page.name_bytes, 64);
  page.label_bytes = read_size(limits, "labelBytes", page.label_bytes, 64);
  page.samples = read_count(limits, "samples", page.samples, most);
  page.json_depth = read_count(limits, "jsonDepth", page.json_depth, deepest);
  page.json_values = read_count(limits, "jsonValues", page.json_values, most);
  page.json_samples = read_count(limits, "jsonSamples", page.json_samples, most);
  limits.done();
}

void read_listen(Reader& reader, Settings& settings) {
  std::vector<std::string> texts;
  const Node* node = reader.node("listen");
  if (node && node->is_sequence()) {
    texts = reader.strings("listen");
  } else {
    texts = {reader.string("listen", "0.0.0.0:9464")};
  }
  for (const auto& text : texts) {
    std::string why;
    auto endpoint = net::parse_endpoint(text, why);
    if (endpoint) settings.listen.push_back(*endpoint);
    if (!endpoint) reader.problem("listen", "\"" + text + "\" " + why);
  }
}

}  // namespace

const run::ConfigTable& config_table() {
  static const run::ConfigTable table = {
      {"listen", "address or list of addresses", "0.0.0.0:9464",
       "Where /metrics, /pod/healthz and /pod/readyz are served."},
      {"timeout", "duration", "5s", "The most that one scrape of all sources takes; Prometheus' own limit lowers it."},
      {"limits.answerBytes", "bytes", "8Mi",
       "The most that a source may answer; with more it is down. Up to four times as much is in memory."},
      {"limits.pageBytes", "bytes", "16Mi",
       "The most of all answers, and of the page, together. Past it the largest sources are down; never one that keeps "
       "to its part: this by the number of sources. 512 bytes are counted for each family."},
      {"limits.nameBytes", "bytes", "1Ki",
       "The longest name of a metric or a label; what has a longer one is left out."},
      {"limits.labelBytes", "bytes", "4Ki", "The longest value of a label; what has a longer one is left out."},
      {"limits.samples", "integer", "250000", "The most samples of a source; with more it is down."},
      {"limits.jsonDepth", "integer", "100", "json: how deep a document may be; a deeper one is down."},
      {"limits.jsonValues", "integer", "100000",
       "json: the most values of a document, members and items; with more it is down. Each takes about 100 bytes."},
      {"limits.jsonSamples", "integer", "2000",
       "json: the most numbers of a rule, or of a source without map; the rest is left out."},
      {"sources[].name", "string", "", "Its name in tandem_source_up, in logs and in /pod/healthz."},
      {"sources[].type", "prometheus|nginx|redis|json", "", "What it speaks."},
      {"sources[].url", "URL", "", "Where prometheus, nginx (stub_status) and json are fetched."},
      {"sources[].address", "address", "", "Where redis listens."},
      {"sources[].password", "string", "", "What redis wants in AUTH.", true},
      {"sources[].container", "string", "", "The label container of its samples; its name when absent."},
      {"sources[].labels", "map of strings", "", "More labels for its samples."},
      {"sources[].timeout", "duration", "", "Its own limit, below the common one."},
      {"sources[].required", "boolean", "", "Whether the pod is unhealthy without it; true when absent."},
      {"sources[].prefix", "string", "", "json without map: put before every name."},
      {"sources[].map[].path", "path", "", "json: which number, $.a.b[0] or /a/b/0; * stands for every member."},
      {"sources[].map[].name", "string", "", "The metric's name."},
      {"sources[].map[].type", "counter|gauge|untyped", "", "Its type; gauge when absent."},
      {"sources[].map[].help", "string", "", "Its help."},
      {"sources[].map[].scale", "number", "", "The number is multiplied by it: 0.001 makes seconds of milliseconds."},
      {"sources[].map[].labels", "map of strings", "", "Its labels; $1 is what the first * stood for."},
  };
  return table;
}

Settings read_settings(const Document& config, Problems& problems) {
  Settings settings;
  auto reader = run::read_config(config, problems);
  read_listen(reader, settings);
  settings.timeout = read_time(reader, "timeout", settings.timeout);
  read_limits(reader, settings);
  std::set<std::string> names;
  reader.each("sources", [&](Reader& item) {
    auto source = read_source(item, settings);
    if (!source) return;
    if (!source->name.empty() && !names.insert(source->name).second)
      item.problem("name", "another source is called \"" + source->name + "\" too");
    settings.sources.push_back(std::move(source));
  });
  if (settings.sources.empty() && !reader.has("sources")) reader.problem("", "the field \"sources\" is missing");
  reader.done();
  return settings;
}

}  // namespace tandem::metrics
