// Records as Kafka messages.
#pragma once

#include <memory>
#include <string>

#include "sidecars/log/encode/encoder.hpp"
#include "sidecars/log/encode/record_format.hpp"

namespace tandem::shipper {

struct KafkaFormat {
  enum class Key { file, field, none } key = Key::file;  // file: the generation's id, so that a file keeps its order
  std::string field;                                     // a record that lacks it has no key
  Format format = Format::json;
};

// A body of PlacedRecords: the key and the value of each. Neither is kept apart from an empty one.
std::unique_ptr<RecordFormat> make_kafka_format(KafkaFormat settings);

}  // namespace tandem::shipper
