// Records as the bytes that a sink sends.
#pragma once

#include <memory>

#include "sidecars/log/buffer.hpp"
#include "sidecars/log/record/event.hpp"

namespace tandem::shipper {

// Called for one body after the other: start, append for each record, finish.
class RecordFormat {
 public:
  virtual ~RecordFormat() = default;
  virtual void start(Buffer& body) { static_cast<void>(body); }
  virtual void append(const Event& event, Buffer& body) = 0;
  virtual void finish(Buffer& body) { static_cast<void>(body); }
};

// {"time":"..",fields in their order}, one a line. A field "time" takes the place of the record's own time.
std::unique_ptr<RecordFormat> make_json_format();
// The field `message` and a newline; nothing else.
std::unique_ptr<RecordFormat> make_raw_format();

// The object alone, without a newline.
void append_json_object(const Event& event, Buffer& out);
// `"name":value`, without a comma.
void append_json_member(const Field& field, Buffer& out);

}  // namespace tandem::shipper
