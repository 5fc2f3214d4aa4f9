// The config of tandem-log as values.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/config/node.hpp"
#include "core/run/config_keys.hpp"
#include "sidecars/log/encode/encoder.hpp"
#include "sidecars/log/encode/record_format.hpp"
#include "sidecars/log/listing.hpp"
#include "sidecars/log/transform/condition.hpp"
#include "sidecars/log/transform/transform.hpp"
#include "sidecars/log/unpack.hpp"

namespace tandem::shipper {

class Sink;
struct SinkContext;

// What a body is made of: decides how its records get into the dead-letter file.
enum class BodyKind {
  json_lines,  // a JSON record a line
  lines,       // a record a line, of any bytes
  json,        // one JSON text, the records somewhere in it
  bytes,       // anything else
};

struct TransformSettings {
  std::string name, type;
  std::vector<std::string> from;          // names of sources; empty: all
  std::shared_ptr<const Condition> when;  // nullptr: always
  MakeTransform make;
};

struct SinkSettings {
  std::string name, type;
  std::vector<std::string> from;                          // names of sources; empty: all
  std::vector<std::string> transforms;                    // names of those that are applied
  std::shared_ptr<const Condition> when;                  // nullptr: always
  std::int64_t batch_bytes = 1 << 20, batch_records = 0;  // a type may set what is usual for it
  std::chrono::milliseconds batch_wait{0};

  // By the type.
  Format format = Format::json;
  BodyKind body = BodyKind::json_lines;
  int in_flight = 1;
  std::chrono::milliseconds timeout{30'000};
  std::string dead_letter;  // file for rejected records; "" is STATE/NAME.rejected.ndjson
  std::int64_t dead_letter_bytes = 64 << 20;
  std::string path;  // of the file it writes to, if it does: no source may read it
  std::function<std::unique_ptr<RecordFormat>(const Origin&)> make_format;  // none: lines in `format`
  std::function<std::unique_ptr<Sink>(const SinkSettings&, const SinkContext&)> make;
};

struct Settings {
  std::vector<Source> sources;
  std::vector<TransformSettings> transforms;  // in the order in which they are applied
  std::vector<SinkSettings> sinks;
  std::string state_dir;
  std::int64_t line_limit = 0, removed_limit = 0;
  UnpackLimits unpack;
  std::int64_t most_files = 0, most_name_bytes = 0;
  std::chrono::milliseconds poll{10'000};
  std::chrono::milliseconds shutdown_deadline{0};
  bool exit_with_main = false;
  std::chrono::milliseconds quiet{10'000};  // before the main containers are taken for ended
};

const run::ConfigTable& config_keys();

// Every problem at once; the result is complete only when there is none.
Settings decode_settings(const Document& config, Problems& problems);

}  // namespace tandem::shipper
