// Records as the body of Loki's push API, JSON: POST /loki/api/v1/push.
// {"streams":[{"stream":{LABELS},"values":[["NANOSECONDS","LINE",{METADATA}],..]},..]}
// Source: Grafana Loki's HTTP API reference, "Ingest logs".
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sidecars/log/encode/record_format.hpp"
#include "sidecars/log/encode/text_template.hpp"

namespace tandem::shipper {

struct LokiFormat {
  std::vector<std::pair<std::string, TextTemplate>> labels;  // one whose value is empty is left out
  std::vector<std::string> metadata;                         // fields
  bool whole_record = false;                                 // the line is the record as JSON, not its message
};

// Records of one label set that follow each other share a stream. A record without any label gets job="tandem-log":
// Loki refuses streams without one. A record without a message is written whole. No record: an empty body.
std::unique_ptr<RecordFormat> make_loki_format(LokiFormat settings);

// [a-zA-Z_][a-zA-Z0-9_]*, and not __ at both ends, which Loki keeps for itself.
bool is_label_name(std::string_view name);

// Loki takes two lines of one stream with equal time and text for one, so equal lines within one tick of a coarse clock
// would be lost. Records therefore get times of their own, the same ones each time they are sent:
//   a time with nanoseconds: one more than the record before, where both would be equal; counted from each body's start
//   microseconds or coarser: what the record's place in its file adds is less than the clock's tick, and at most 1 ms;
//   equal lines would have to be a multiple of 997 (of 999,983) bytes apart within one tick to meet.
class DistinctTimes {
 public:
  void start() { count_ = 0; }
  std::int64_t time_of(const Event& event);

 private:
  std::int64_t before_ = 0, count_ = 0;
};

}  // namespace tandem::shipper
