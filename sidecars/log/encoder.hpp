// Lines of files as records: newline JSON, or as they are.
#pragma once

#include <cstdint>
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

class Encoder {
 public:
  Encoder(Format format, const Origin& origin);

  // The lines to come are of this file and were read at this time. `time` is when the line was read.
  void begin(std::int64_t epoch_ns, const std::string& source, const std::string& path, const FileId& file);

  // json: a CR before the newline is left out; a piece of a long line has "piece":{"id","number","last"}, a last line
  // without a newline has "unterminated":true. raw: pieces follow each other without a newline between them.
  void append(const Line& line, Buffer& out) const;

 private:
  void append_short(std::string_view text, std::uint64_t offset, Buffer& out) const;

  Format format_;
  std::string origin_, prefix_;
  FileId file_;
};

}  // namespace tandem::shipper
