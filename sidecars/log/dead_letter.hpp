// Records that a sink refused for good: newline JSON in a file, with the reason.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sidecars/log/batch.hpp"
#include "sidecars/log/settings.hpp"

namespace tandem::shipper {

// {"reason":..,"sink":..,"batch":..,"record":..} a line, or "body" instead of "record" where the records lie in one
// text. What is no JSON becomes a string; where its bytes are no UTF-8 that is base64, and "encoding":"base64" says so.
void append_dead_letters(const Batch& batch, BodyKind body, const std::string& sink, const std::string& reason,
                         Buffer& out);
void append_dead_letter(std::string_view record, bool is_json, const char* key, const std::string& batch,
                        const std::string& sink, std::string_view reason, Buffer& out);

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
