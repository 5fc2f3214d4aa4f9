#include "sidecars/log/sample.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/os/error.hpp"
#include "sidecars/log/assembly.hpp"
#include "sidecars/log/metrics.hpp"

namespace tandem::shipper {
namespace {

std::int64_t wall_clock_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

const Source& find_source(const Settings& settings, const std::string& name) {
  std::string names;
  for (const auto& source : settings.sources) {
    if (name.empty() || source.name == name) return source;
    names += (names.empty() ? "" : ", ") + source.name;
  }
  throw Error(Fault::user, "test the source", name, "the config has no such source", "one of " + names);
}

// One sink's view of the sample.
class Trial {
 public:
  Trial(const Settings& settings, const SinkSettings& sink, observe::Metrics& metrics) : name_(sink.name) {
    SinkSettings shown = sink;
    if (sink.body == BodyKind::bytes) shown.make_format = nullptr;
    encoder_ = make_encoder(settings, shown, metrics, [this](const std::string& transform) { dropped_ = transform; });
  }

  void show(const Line& line, const Source& source, std::int64_t now, std::FILE* out) {
    Buffer body;
    dropped_.clear();
    encoder_->start(body);
    encoder_->begin(now, source.name, source.paths.front().pattern(), FileId{0, 1});
    const bool taken = encoder_->append(line, body);
    if (taken) encoder_->finish(body);
    std::string_view text = body.view();
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (!taken) text = dropped_.empty() ? "(its `when` does not hold)" : "";
    const std::string why = taken || dropped_.empty() ? "" : "(dropped by " + dropped_ + ")";
    fmt::print(out, "  {}: {}{}\n", name_, text, why);
  }

 private:
  std::string name_, dropped_;
  std::unique_ptr<Encoder> encoder_;
};

}  // namespace

void show_sample(const Settings& settings, const std::string& name, const std::string& sample, std::FILE* out) {
  const Source& source = find_source(settings, name);
  observe::Metrics metrics(metric_table());
  std::vector<std::unique_ptr<Trial>> trials;
  for (const auto& sink : settings.sinks)
    if (takes(sink, source)) trials.push_back(std::make_unique<Trial>(settings, sink, metrics));
  const std::int64_t now = wall_clock_ns();
  const auto show = [&](const Line& line) {
    const auto before = std::string_view(sample).substr(0, static_cast<std::size_t>(line.offset));
    fmt::print(out, "{}: {}\n", 1 + std::count(before.begin(), before.end(), '\n'), line.text);
    for (auto& trial : trials) trial->show(line, source, now, out);
    return true;
  };
  LineCursor cursor;
  const auto limit = static_cast<std::uint64_t>(settings.line_limit);
  if (source.framing) {
    Framing framing = *source.framing;
    framing.spool = false;  // the sample is what comes in
    Framer().cut(sample, framing, limit, Ending::final, cursor, show);
  } else {
    split_lines(sample, limit, true, cursor, show);
  }
}

}  // namespace tandem::shipper
