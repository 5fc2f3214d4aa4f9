// Any bytes as S3's answer, as a shared credentials file, and as a line of a dead-letter file. The first byte chooses.
#include <cstdlib>
#include <string>

#include "core/text/base64.hpp"
#include "sidecars/log/dead_letter.hpp"
#include "sidecars/log/replay_letters.hpp"
#include "sidecars/log/replay_position.hpp"
#include "sidecars/log/sinks/aws_credentials.hpp"
#include "sidecars/log/sinks/s3_answer.hpp"

using namespace tandem::shipper;

namespace {

bool is_plain(std::string_view text) {
  for (const unsigned char c : text)
    if (c < 0x20 || c == 0x7f) return false;
  return true;
}

void answer(std::string_view bytes) {
  const auto error = parse_s3_error(bytes);
  if (error && (error->code.empty() || !is_plain(error->code + error->message))) std::abort();
  constexpr int statuses[] = {200, 301, 400, 403, 404, 413, 503};
  for (const int status : statuses) {
    const Outcome outcome = judge_s3(status, error, bytes, judge_http(status, "", bytes, {}));
    if ((outcome.verdict == Verdict::delivered) != (status == 200)) std::abort();
    if (status != 200 && outcome.reason.empty()) std::abort();
  }
  static_cast<void>(parse_http_date(bytes));
}

void credentials(std::string_view bytes) {
  std::string why;
  const auto keys = parse_aws_profile(bytes, "default", why);
  if (keys.has_value() != why.empty()) std::abort();
  if (keys && (!is_plain(keys->access_key + keys->secret_key + keys->session_token) || keys->secret_key.empty()))
    std::abort();
}

// What is read can be sent, and is the same when it is refused and read again.
void letter(std::string_view bytes) {
  static SinkSettings json, raw;
  raw.format = Format::raw;
  Letter letter, again;
  std::string why;
  LetterReader reader;
  if (!reader.read(bytes, letter, why)) {
    if (why.empty()) std::abort();
    return;
  }
  if (!letter.is_body)
    for (const SinkSettings* sink : {&json, &raw})
      if (LetterEncoder(*sink).encode(&letter, &letter + 1).body.view().empty()) std::abort();
  Buffer out;
  append_dead_letter(letter.content, letter.is_json, letter.is_body ? "body" : "record", "b", "sink", "why", out);
  const auto line = out.view();
  if (line.find('\n') != line.size() - 1) std::abort();
  if (!reader.read(line.substr(0, line.size() - 1), again, why)) std::abort();
  if (again.content != letter.content || again.is_json != letter.is_json || again.is_body != letter.is_body)
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 4 == 0) answer(bytes);
  if (data[0] % 4 == 1) credentials(bytes);
  if (data[0] % 4 == 2) letter(bytes);
  if (data[0] % 4 == 3) {
    static_cast<void>(tandem::decode_base64(bytes));
    const auto position = parse_replay_position(std::string(bytes));
    if (position && !parse_replay_position(encode_replay_position(*position))) std::abort();
  }
  return 0;
}
