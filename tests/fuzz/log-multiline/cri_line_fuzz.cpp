// Any line: what is taken is cut where it says, and what is put together again from its parts is taken the same way.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "sidecars/log/record/cri_line.hpp"

using namespace tandem::shipper;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string_view line = text;
  CriLine parsed;
  if (parse_cri_line(line, parsed)) {
    if (!line.ends_with(parsed.message)) std::abort();
    const std::string again_line = std::string(line.substr(0, line.find(' '))) + " " + std::string(parsed.stream) +
                                   (parsed.partial ? " P " : " F ") + std::string(parsed.message);
    CriLine again;  // views into again_line
    if (!parse_cri_line(again_line, again)) std::abort();
    if (again.time_ns != parsed.time_ns || again.message != parsed.message || again.partial != parsed.partial)
      std::abort();
  }
  PodLogPath path;
  if (parse_pod_log_path(line, path)) {
    if (path.container.empty() || path.uid.empty() || path.pod.empty() != path.name_space.empty()) std::abort();
    if (path.container.find('/') != path.container.npos) std::abort();
  }
  return 0;
}
