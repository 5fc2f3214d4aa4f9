// Where batches go.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/config/reader.hpp"
#include "core/net/asio.hpp"
#include "core/observe/metrics.hpp"
#include "core/run/config_keys.hpp"
#include "sidecars/log/batch.hpp"
#include "sidecars/log/settings.hpp"
#include "sidecars/log/sinks/outcome.hpp"

namespace tandem::shipper {

class Sink {
 public:
  virtual ~Sink() = default;
  // Takes one batch, or says why not. Never throws for the other side's fault. `batch` outlives the call. At most
  // SinkSettings::in_flight calls at once.
  virtual net::awaitable<Outcome> write(const Batch& batch) = 0;
  // Called once before the first write with the note that was committed with the last batch ("" for none).
  virtual void recover(const std::string& mark) { static_cast<void>(mark); }
};

// What a sink is made in; all of it outlives the sink.
struct SinkContext {
  asio::io_context& io;
  observe::Metrics& metrics;
  // Puts a note on disk at once; for a sink whose note changes apart from a batch.
  std::function<void(const std::string&)> save_mark;
};

// One row for each type. `read` takes the keys of one item of `sinks` that are the type's own, and fills what is left
// to the type in SinkSettings: make, make_format, body, in_flight.
struct SinkType {
  std::string name;       // the word after `type:`
  run::ConfigTable keys;  // its own, without "sinks[]."; a key that several types have has its row in each
  void (*read)(Reader& item, SinkSettings& sink);
};

const std::vector<SinkType>& sink_types();

// Keys of many types. Each reads into `sink`; put the rows into the type's table with with_keys().
extern const run::ConfigTable format_keys, network_keys, dead_letter_keys;
void read_format(Reader& item, SinkSettings& sink);       // format: json, raw
void read_network(Reader& item, SinkSettings& sink);      // inFlight, timeout
void read_dead_letter(Reader& item, SinkSettings& sink);  // deadLetter.path, deadLetter.maxBytes
run::ConfigTable with_keys(run::ConfigTable own, std::initializer_list<const run::ConfigTable*> more);

SinkType standard_output_sink();
SinkType file_sink();
SinkType tcp_sink();
SinkType http_sink();
SinkType syslog_sink();
SinkType loki_sink();
SinkType elasticsearch_sink();
SinkType otlp_sink();
SinkType s3_sink();
SinkType redis_sink();
SinkType kafka_sink();

}  // namespace tandem::shipper
