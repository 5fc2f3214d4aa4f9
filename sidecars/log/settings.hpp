// The config of tandem-log as values.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "core/config/node.hpp"
#include "core/net/endpoint.hpp"
#include "core/run/config_keys.hpp"
#include "sidecars/log/encoder.hpp"
#include "sidecars/log/listing.hpp"

namespace tandem::shipper {

enum class SinkType { standard_output, file, tcp, http };

struct SinkSettings {
  std::string name;
  SinkType type = SinkType::standard_output;
  Format format = Format::json;
  std::vector<std::string> from;  // names of sources

  std::string path;               // file
  std::int64_t rotate_bytes = 0;  // 0: never
  int rotate_keep = 0;

  net::Endpoint address;  // tcp

  std::string url;  // http
  std::vector<std::pair<std::string, std::string>> headers;
  int in_flight = 1;  // tcp, http
  std::chrono::milliseconds timeout{30'000};
  std::string dead_letter;  // file for rejected records; "" is STATE/NAME.rejected.ndjson
  std::int64_t dead_letter_bytes = 0;

  std::int64_t batch_bytes = 0, batch_records = 0;
  std::chrono::milliseconds batch_wait{0};
};

struct Settings {
  std::vector<Source> sources;
  std::vector<SinkSettings> sinks;
  std::string state_dir;
  std::int64_t line_limit = 0, removed_limit = 0;
  std::chrono::milliseconds poll{10'000};
  std::chrono::milliseconds shutdown_deadline{0};
};

const run::ConfigTable& config_keys();

// Every problem at once; the result is complete only when there is none.
Settings decode_settings(const Document& config, Problems& problems);

}  // namespace tandem::shipper
