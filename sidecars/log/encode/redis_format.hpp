// Records as entries of a Redis stream: the names and values that XADD takes, as RESP bulk strings.
// Source: redis.io, "Redis serialization protocol specification", bulk strings.
#pragma once

#include <memory>
#include <string_view>

#include "sidecars/log/encode/record_format.hpp"

namespace tandem::shipper {

enum class RedisEntry {
  json,    // one field, `record`: the record as JSON
  fields,  // a field for each of the record, literals as JSON; a record with more than 1000 becomes `record`
};

// A body of PlacedRecords: the content of each is its bulk strings, their number its `parts`.
std::unique_ptr<RecordFormat> make_redis_format(RedisEntry entry);

void append_bulk(std::string_view text, Buffer& out);  // $3\r\nfoo\r\n

}  // namespace tandem::shipper
