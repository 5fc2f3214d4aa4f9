// Lines as events, through transforms, in a sink's format.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sidecars/log/encode/encoder.hpp"
#include "sidecars/log/encode/record_format.hpp"
#include "sidecars/log/transform/condition.hpp"
#include "sidecars/log/transform/transform.hpp"

namespace tandem::shipper {

// One transform as a sink uses it.
struct Step {
  std::vector<std::string> from;          // sources; empty: all
  std::shared_ptr<const Condition> when;  // nullptr: always
  std::unique_ptr<Transform> transform;
  std::function<void()> dropped;  // called for each record that it drops
};

struct EventEncoderOptions {
  Origin origin;
  std::vector<Step> steps;                // in order
  std::shared_ptr<const Condition> when;  // of the sink
  std::unique_ptr<RecordFormat> format;
  std::vector<std::string> container_sources;  // those whose paths tell pod and container
  std::vector<std::string> spooled_sources;    // those whose files are a spool: no `file`; `peer` instead of `stream`
};

// The event of a line has the fields source, file, pod, namespace, node, container and stream or peer where they are
// known, offset, message (without a CR at its end), and piece and unterminated as make_line_encoder() has them.
std::unique_ptr<Encoder> make_event_encoder(EventEncoderOptions options);

}  // namespace tandem::shipper
