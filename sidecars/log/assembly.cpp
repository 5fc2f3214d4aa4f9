#include "sidecars/log/assembly.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>

#include "core/net/listener.hpp"
#include "sidecars/log/encode/event_encoder.hpp"

namespace tandem::shipper {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

Origin origin() { return {environment("POD_NAME"), environment("POD_NAMESPACE"), environment("NODE_NAME")}; }

// Files stay open as long as they are followed: without some descriptors left nothing could be sent, and nobody heard.
std::size_t open_limit(std::size_t sinks) {
  constexpr std::size_t for_each_sink = 16;
  const std::size_t for_others = 64 + net::reserved_descriptors();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return 1u << 30;
  const std::size_t reserved = for_others + for_each_sink * sinks, all = limit.rlim_cur;
  return std::max<std::size_t>(all > reserved ? (all - reserved) / std::max<std::size_t>(sinks, 1) : 0, 8);
}

}  // namespace

bool takes(const SinkSettings& sink, const Source& source) {
  return sink.from.empty() || std::find(sink.from.begin(), sink.from.end(), source.name) != sink.from.end();
}

std::unique_ptr<Encoder> make_encoder(const Settings& settings, const SinkSettings& sink, observe::Metrics& metrics,
                                      std::function<void(const std::string& transform)> dropped) {
  EventEncoderOptions options;
  options.origin = origin();
  options.when = sink.when;
  for (const auto& source : settings.sources)
    if (source.container_logs && takes(sink, source)) options.container_sources.push_back(source.name);
  for (const auto& source : settings.sources)
    if (source.intake && takes(sink, source)) options.spooled_sources.push_back(source.name);
  for (const auto& transform : settings.transforms) {
    const auto& name = transform.name;
    if (std::find(sink.transforms.begin(), sink.transforms.end(), name) == sink.transforms.end()) continue;
    options.steps.push_back({transform.from, transform.when, transform.make({name, sink.name, &metrics}),
                             [dropped, name] { dropped(name); }});
  }
  const bool as_it_is = options.steps.empty() && !options.when && !sink.make_format;
  const bool as_lines = options.container_sources.empty() && options.spooled_sources.empty();
  if (as_it_is && (as_lines || sink.format == Format::raw)) return make_line_encoder(sink.format, options.origin);
  if (sink.make_format) {
    options.format = sink.make_format(options.origin);
  } else {
    options.format = sink.format == Format::json ? make_json_format() : make_raw_format();
  }
  return make_event_encoder(std::move(options));
}

TailerOptions tailer_options(const Settings& settings, const SinkSettings& sink, observe::Metrics& metrics) {
  TailerOptions options;
  for (const auto& source : settings.sources)
    if (takes(sink, source)) options.sources.push_back(source);
  for (const auto& transform : sink.transforms)
    metrics.counter("tandem_log_dropped_records_total", {sink.name, transform});
  options.encoder = make_encoder(settings, sink, metrics, [&metrics, name = sink.name](const std::string& transform) {
    metrics.counter("tandem_log_dropped_records_total", {name, transform}).add();
  });
  options.line_limit = static_cast<std::uint64_t>(settings.line_limit);
  options.batch_bytes = static_cast<std::uint64_t>(sink.batch_bytes);
  options.batch_records = static_cast<std::uint64_t>(sink.batch_records);
  options.removed_limit = static_cast<std::uint64_t>(settings.removed_limit);
  options.unpack = settings.unpack;
  options.most_files = static_cast<std::size_t>(settings.most_files);
  options.most_name_bytes = static_cast<std::uint64_t>(settings.most_name_bytes);
  options.open_limit = open_limit(settings.sinks.size());
  return options;
}

}  // namespace tandem::shipper
