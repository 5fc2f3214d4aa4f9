// Lines of files as the bytes that a sink sends.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sidecars/log/buffer.hpp"
#include "sidecars/log/file_id.hpp"
#include "sidecars/log/lines.hpp"

namespace tandem::shipper {

enum class Format {
  json,  // {"time":..,"source":..,"file":..,"pod":..,"namespace":..,"offset":..,"message":..}: one object a line
  raw,   // the line's bytes and a newline
};

// What every record of this process says about where it comes from; empty parts are left out.
struct Origin {
  std::string pod, pod_namespace, node;
};

// "2026-11-22T10:00:00.123456Z" for nanoseconds since the epoch.
std::string format_time(std::int64_t epoch_ns);

// Called for one body after the other: start; begin for each file, append for its lines; finish.
class Encoder {
 public:
  virtual ~Encoder() = default;
  virtual void start(Buffer& body) { static_cast<void>(body); }
  // The lines to come are of this file and were read at this time.
  virtual void begin(std::int64_t epoch_ns, const std::string& source, const std::string& path, const FileId& file) = 0;
  // False: the record is not for this sink, and nothing was appended.
  virtual bool append(const Line& line, Buffer& body) = 0;
  virtual void finish(Buffer& body) { static_cast<void>(body); }
  virtual bool is_verbatim() const { return false; }  // a line's record is its bytes and its newline
};

// Records that nothing transforms. json: a CR before the newline is left out; a piece of a long line has
// "piece":{"id","number","last"}, a last line without a newline has "unterminated":true. raw: pieces follow each other
// without a newline between them.
std::unique_ptr<Encoder> make_line_encoder(Format format, const Origin& origin);

}  // namespace tandem::shipper
