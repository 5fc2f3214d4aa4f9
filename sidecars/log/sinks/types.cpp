#include "sidecars/log/sinks/sink.hpp"

namespace tandem::shipper {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

const std::vector<SinkType>& sink_types() {
  static const std::vector<SinkType> types = {
      standard_output_sink(), file_sink(), tcp_sink(), http_sink(),  syslog_sink(), loki_sink(),
      elasticsearch_sink(),   otlp_sink(), s3_sink(),  redis_sink(), kafka_sink()};
  return types;
}

const run::ConfigTable format_keys = {
    {"format", "json|raw", "json", "One JSON record a line, or the lines as they are (of a record: its message)."},
};

void read_format(Reader& item, SinkSettings& sink) {
  sink.format = item.choice("format", "json", {"json", "raw"}) == "raw" ? Format::raw : Format::json;
  sink.body = sink.format == Format::raw ? BodyKind::lines : BodyKind::json_lines;
}

const run::ConfigTable network_keys = {
    {"inFlight", "integer", "4", "Batches on their way at once."},
    {"timeout", "duration", "30s", "Of one request; of a stream: without progress."},
};

void read_network(Reader& item, SinkSettings& sink) {
  sink.in_flight = static_cast<int>(item.integer("inFlight", 4, 1, 64));
  sink.timeout = duration_cast<milliseconds>(item.duration("timeout", std::chrono::seconds(30)));
  if (sink.timeout <= milliseconds(0)) item.problem("timeout", "must be more than 0");
}

const run::ConfigTable dead_letter_keys = {
    {"deadLetter.path", "path", "", "Where refused records go; absent: NAME.rejected.ndjson in state.dir."},
    {"deadLetter.maxBytes", "bytes", "64Mi", "When that file is full the sink waits."},
};

void read_dead_letter(Reader& item, SinkSettings& sink) {
  Reader letters = item.object("deadLetter");
  sink.dead_letter = letters.string("path");
  sink.dead_letter_bytes = letters.bytes("maxBytes", {64 << 20}).value;
  letters.done();
}

run::ConfigTable with_keys(run::ConfigTable own, std::initializer_list<const run::ConfigTable*> more) {
  for (const auto* table : more) own.insert(own.end(), table->begin(), table->end());
  return own;
}

}  // namespace tandem::shipper
