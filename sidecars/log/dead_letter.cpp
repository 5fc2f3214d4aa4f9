#include "sidecars/log/dead_letter.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/config/units.hpp"
#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "sidecars/log/json_text.hpp"

namespace tandem::shipper {

void append_dead_letters(const Batch& batch, Format format, const std::string& sink, const std::string& reason,
                         Buffer& out) {
  Buffer prefix;
  prefix.append("{\"reason\":\"");
  append_json_text(reason, prefix);
  prefix.append("\",\"sink\":\"" + sink + "\",\"batch\":\"" + batch.id + "\",\"record\":");
  std::string_view rest = batch.body.view();
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto record = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    out.append(prefix.view());
    if (format == Format::json) {
      out.append(record);
    } else {
      out.append("\"");
      append_json_text(record, out);
      out.append("\"");
    }
    out.append("}\n");
  }
}

void DeadLetterFile::append(std::string_view letters) {
  const unique_fd file = open_file(path_, O_WRONLY | O_APPEND | O_CREAT, 0600);
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
