// Positions as text: the checkpoint file and the journal that follows it. One change a line; each line carries a
// checksum, so that a torn or damaged one is noticed.
//
//   tandem-log positions 1 EPOCH #CHECKSUM          tandem-log journal 1 EPOCH #CHECKSUM
//   file ID SOURCE PATH ...                         batch ID TIME ...
//   mark ID POSITION                                ack ID
//   batch ID TIME ...                               skip FILE POSITION REASON
//   sink MARK                                       sink MARK
//   end LINES                                       file ... | forget ID
//
// A journal belongs to the checkpoint with the same epoch; with another epoch it is already contained in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sidecars/log/positions.hpp"

namespace tandem::shipper {

// Lines of the journal, each with its newline.
std::string encode_file(const FileRecord& file);
std::string encode_forget(const FileId& id);
std::string encode_batch(const BatchRecord& batch);
std::string encode_ack(const std::string& batch_id);
std::string encode_sink_mark(const std::string& mark);
std::string encode_skip(const FileId& file, const Segment& segment, SkipReason reason);
std::string encode_journal_header(std::uint64_t epoch);

std::string encode_checkpoint(const Positions& positions, std::uint64_t epoch);

struct Decoded {
  bool ok = false;
  bool newer_version = false;  // written by a later tandem-log: must not be replaced
  std::string problem;         // "line 3: checksum does not match"; empty when ok
  std::uint64_t epoch = 0;
};

// All or nothing: `positions` is untouched unless ok.
Decoded decode_checkpoint(std::string_view text, Positions& positions);

// Applies the journal's lines on top of `positions` up to the first damaged one. A last line without its newline is
// what a kill leaves behind: it is dropped and ok stays true. `used_bytes` is where the good part ends.
Decoded replay_journal(std::string_view text, std::uint64_t epoch, Positions& positions, std::size_t& used_bytes);

}  // namespace tandem::shipper
