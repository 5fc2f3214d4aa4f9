// Records that a sink refused for good: newline JSON in a file, with the reason.
#pragma once

#include <cstdint>
#include <string>

#include "sidecars/log/batch.hpp"
#include "sidecars/log/encoder.hpp"

namespace tandem::shipper {

// {"reason":..,"sink":..,"batch":..,"record":..} a line; a raw line becomes a string.
void append_dead_letters(const Batch& batch, Format format, const std::string& sink, const std::string& reason,
                         Buffer& out);

class DeadLetterFile {
 public:
  DeadLetterFile(std::string path, std::uint64_t limit_bytes) : path_(std::move(path)), limit_bytes_(limit_bytes) {}
  // Throws Error{environment} when the file is full or cannot be written; then nothing of the batch is in it.
  void append(std::string_view letters);

 private:
  std::string path_;
  std::uint64_t limit_bytes_;
};

}  // namespace tandem::shipper
