// The first line as a format, what follows as a time of it; and as one of each format that has a name.
#include "sidecars/log/record/time_format.hpp"
#include "tests/fuzz/log-parsers/found.hpp"

using namespace tandem::shipper;

namespace {

constexpr std::int64_t now = 1'795'341'600'000'000'000;

void read(const std::string& format, const std::string& zone, const std::string& text) {
  std::string problem;
  const auto time = make_time_format(format, zone, problem);
  require((time == nullptr) == !problem.empty());
  if (!time) return;
  std::int64_t ns = 42, again = 0;
  if (!time->parse(text, now, ns)) {
    require(ns == 42);
    return;
  }
  require(time->parse(text, now, again) && ns == again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all = as_text(data, size);
  const std::size_t end = all.find('\n');
  if (end == all.npos || end > 200) return 0;
  const std::string text(all.substr(end + 1));
  read(std::string(all.substr(0, end)), "+02:00", text);
  for (const char* const format : {"rfc3339", "clf", "rfc3164", "unix", "unix_ms", "unix_us", "unix_ns"})
    read(format, "", text);
  return 0;
}
