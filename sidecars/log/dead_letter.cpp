#include "sidecars/log/dead_letter.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/config/units.hpp"
#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "sidecars/log/encode/protobuf_text.hpp"
#include "sidecars/log/json_text.hpp"
#include "sidecars/log/sinks/http_auth.hpp"

namespace tandem::shipper {

void append_dead_letters(const Batch& batch, BodyKind body, const std::string& sink, const std::string& reason,
                         Buffer& out) {
  std::string_view rest = batch.body.view();
  const bool lines = body == BodyKind::json_lines || body == BodyKind::lines;
  const bool json = body == BodyKind::json_lines || body == BodyKind::json;
  while (!rest.empty()) {
    const auto end = lines ? std::min(rest.find('\n'), rest.size()) : rest.size();
    append_dead_letter(rest.substr(0, end), json, lines ? "record" : "body", batch.id, sink, reason, out);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

void append_dead_letter(std::string_view record, bool is_json, const char* key, const std::string& batch,
                        const std::string& sink, std::string_view reason, Buffer& out) {
  out.append("{\"reason\":\"");
  append_json_text(reason, out);
  Buffer memory;
  const bool is_text = is_json || valid_utf8(record, memory).data() == record.data();
  out.append("\",\"sink\":\"" + sink + "\",\"batch\":\"" + batch + "\",");
  if (!is_text) out.append("\"encoding\":\"base64\",");
  out.append("\"" + std::string(key) + "\":");
  if (is_json) {
    out.append(record);
  } else if (!is_text) {
    out.append("\"" + encode_base64(record) + "\"");
  } else {
    out.append("\"");
    append_json_text(record, out);
    out.append("\"");
  }
  out.append("}\n");
}

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::string out;
  unsigned group = 0, digits = 0;
  for (const char c : text.substr(0, text.size() - padding)) {
    const bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z', number = c >= '0' && c <= '9';
    if (!upper && !lower && !number && c != '+' && c != '/') return std::nullopt;
    const int digit = upper ? c - 'A' : lower ? c - 'a' + 26 : number ? c - '0' + 52 : c == '+' ? 62 : 63;
    group = group << 6 | static_cast<unsigned>(digit);
    if (++digits % 4 != 0) continue;
    for (const int shift : {16, 8, 0}) out += static_cast<char>(group >> shift & 255);
  }
  if (padding == 2 && digits % 4 == 2) out += static_cast<char>(group >> 4 & 255);
  if (padding == 1 && digits % 4 == 3)
    out += {static_cast<char>(group >> 10 & 255), static_cast<char>(group >> 2 & 255)};
  return out;
}

void DeadLetterFile::append(std::string_view letters) {
  const unique_fd file = open_given_file(path_, O_WRONLY | O_APPEND | O_CREAT, 0600);
  struct stat status {};
  check([&] { return ::fstat(file.get(), &status); }, "stat", path_);
  if (static_cast<std::uint64_t>(status.st_size) + letters.size() > limit_bytes_)
    throw Error(Fault::environment, "keep refused records in", path_,
                "it would grow past " + to_string(Bytes{static_cast<std::int64_t>(limit_bytes_)}),
                "look at its reasons, mend the cause, move it away");
  try {
    write_all(file.get(), letters, path_);
  } catch (const Error&) {
    static_cast<void>(::ftruncate(file.get(), status.st_size) == 0);
    throw;
  }
}

}  // namespace tandem::shipper
