#include "sidecars/log/dead_letter.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/config/units.hpp"
#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "core/text/base64.hpp"
#include "sidecars/log/encode/protobuf_text.hpp"
#include "sidecars/log/json_text.hpp"

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
