// The lines of a dead-letter file, and bodies made of them again. No sockets.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sidecars/log/batch.hpp"
#include "sidecars/log/record/parse_json.hpp"
#include "sidecars/log/record/time_format.hpp"
#include "sidecars/log/settings.hpp"

namespace tandem::shipper {

// One line of a dead-letter file, as append_dead_letter() wrote it.
struct Letter {
  std::string reason, sink, batch;
  bool is_body = false;  // all that one request had; false: one record
  bool is_json = false;  // content is a JSON text; false: any bytes
  std::string content;
  std::uint64_t line = 0;  // its number in the file, from 1
};

class LetterReader {
 public:
  // False: `why` says why it is no dead letter ("has no \"sink\"").
  bool read(std::string_view line, Letter& letter, std::string& why);

 private:
  JsonParser parser_;
  ParsedFields fields_;
  Event event_;
};

// Letters as a sink sends them. Records that the sink has as they are (JSON, lines) are not changed; for a format of
// its own they are parsed again. A record's place is its number in the batch, whose id and file are a hash of its
// letters: equal letters make an equal batch.
class LetterEncoder {
 public:
  explicit LetterEncoder(const SinkSettings& sink);
  // Why this letter cannot go to this sink; "" when it can.
  std::string problem(const Letter& letter) const;
  // Of one or more letters without a problem; a body is alone.
  Batch encode(const Letter* begin, const Letter* end);

 private:
  void append(const Letter& letter, const FileId& file, std::uint64_t number, Buffer& body);
  bool parse(const Letter& letter);

  const SinkSettings* sink_;
  std::unique_ptr<RecordFormat> format_;  // nullptr: records go as they are
  JsonParser parser_;
  ParsedFields fields_;
  Event event_;
  std::shared_ptr<const TimeFormat> time_format_;
};

}  // namespace tandem::shipper
