#include "sidecars/log/intakes.hpp"

#include "sidecars/log/intake.hpp"
#include "sidecars/log/source_settings.hpp"

namespace tandem::shipper {

Intakes::Set Intakes::prepare(const Settings& settings) const {
  Set next;
  for (const auto& source : settings.sources) {
    if (!source.intake) continue;
    const auto known = all_.find(source.name);
    if (known != all_.end() && known->second->settings().listens_like(*source.intake)) {
      next.insert(*known);
      continue;
    }
    SpoolOptions spool = source.intake->spool_limits(static_cast<std::uint64_t>(settings.line_limit));
    spool.directory = spool_directory(settings.state_dir, source.name);
    next[source.name] = std::make_shared<Intake>(source.name, *source.intake, spool, *context_,
                                                 known != all_.end() ? known->second.get() : nullptr);
  }
  return next;
}

void Intakes::take(Set next, const Settings& settings) {
  for (const auto& [name, intake] : all_) {
    const auto at = next.find(name);
    if (at == next.end() || at->second != intake) intake->finish();
    if (at == next.end()) {
      context_->metrics().remove("tandem_log_connections", {name});
      context_->metrics().remove("tandem_log_spool_bytes", {name});
    }
  }
  for (const auto& source : settings.sources) {
    if (!source.intake) continue;
    const auto& intake = next.at(source.name);
    intake->set_limits(*source.intake, static_cast<std::uint64_t>(settings.line_limit));
    const auto known = all_.find(source.name);
    if (known == all_.end() || known->second != intake) intake->begin();
  }
  all_ = std::move(next);
  only_input_ = settings.sources.size() == 1 && settings.sources.front().intake &&
                settings.sources.front().intake->kind == IntakeSettings::Kind::standard_input;
}

void Intakes::finish() {
  for (const auto& [name, intake] : all_) intake->finish();
}

bool Intakes::count_spools() {
  bool full = false;
  for (const auto& [name, intake] : all_) full = intake->count_spool() || full;
  return full;
}

std::size_t Intakes::unwritten_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [name, intake] : all_) bytes += intake->spool().pending_bytes();
  return bytes;
}

bool Intakes::have_ended() const { return only_input_ && all_.begin()->second->ended(); }

std::string Intakes::problem() const {
  for (const auto& [name, intake] : all_)
    if (auto problem = intake->problem(); !problem.empty()) return problem;
  return "";
}

void Intakes::look(PodSight& sight) const {
  for (const auto& [name, intake] : all_) {
    sight.activity += intake->counts().messages;
    sight.writers.written += intake->counts().messages > 0;
    sight.writers.writers += intake->connections();
  }
}

void Intakes::collect(observe::Metrics& metrics) const {
  for (const auto& [name, intake] : all_) {
    const IntakeCounts& counts = intake->counts();
    metrics.counter("tandem_log_received_messages_total", {name}).set(static_cast<double>(counts.messages));
    metrics.counter("tandem_log_dropped_datagrams_total", {name}).set(static_cast<double>(counts.dropped_datagrams));
    metrics.counter("tandem_log_broken_streams_total", {name}).set(static_cast<double>(counts.broken_streams));
    metrics.counter("tandem_log_spool_full_total", {name}).set(static_cast<double>(counts.spool_full));
    metrics.gauge("tandem_log_connections", {name}).set(static_cast<double>(intake->connections()));
    metrics.gauge("tandem_log_spool_bytes", {name}).set(static_cast<double>(intake->spool().bytes()));
  }
}

}  // namespace tandem::shipper
