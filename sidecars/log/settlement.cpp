#include "sidecars/log/settlement.hpp"

#include "core/observe/log.hpp"
#include "core/os/error.hpp"

namespace tandem::shipper {
namespace {

constexpr std::chrono::seconds sink_grace(30);  // a sink may fail for so long before the helper calls itself unready

std::string letters_path(const Settings& settings, const SinkSettings& sink) {
  return sink.dead_letter.empty() ? settings.state_dir + "/" + sink.name + ".rejected.ndjson" : sink.dead_letter;
}

}  // namespace

Settlement::Settlement(const Settings& settings, const SinkSettings& sink, Tailer& tailer, observe::Metrics& metrics)
    : sink_(sink.name),
      body_(sink.body),
      tailer_(&tailer),
      metrics_(&metrics),
      letters_(letters_path(settings, sink), static_cast<std::uint64_t>(sink.dead_letter_bytes)),
      delivered_(metrics, sink.name, "delivered"),
      rejected_(metrics, sink.name, "rejected") {}

void Settlement::reconfigure(const Settings& settings, const SinkSettings& sink) {
  body_ = sink.body;
  letters_ = DeadLetterFile(letters_path(settings, sink), static_cast<std::uint64_t>(sink.dead_letter_bytes));
  sink_problem_.clear();
  letter_problem_.clear();
}

bool Settlement::settle(Batch& batch, const Outcome& outcome) {
  const bool delivered = outcome.verdict == Verdict::delivered;
  const bool refused = outcome.verdict == Verdict::rejected || (delivered && !outcome.refused.empty());
  if (delivered || refused) {
    if (refused && !keep_refused(batch, outcome)) return false;
    const std::uint64_t lost = delivered ? outcome.refused.size() : batch.records;
    delivered_.add(batch.records - lost, delivered ? batch.input_bytes : 0);
    rejected_.add(lost, delivered ? 0 : batch.input_bytes);
    if (!outcome.warning.empty())
      observe::log_warning("the sink took the records and warns", {{"sink", sink_}, {"warning", outcome.warning}});
    if (!sink_problem_.empty()) observe::log_info("the sink takes records again", {{"sink", sink_}});
    sink_problem_.clear();
    tailer_->acknowledge(batch, outcome.mark);
    tailer_->reuse(std::move(batch.body));
    return true;
  }
  if (sink_problem_.empty()) {
    failing_since_ = std::chrono::steady_clock::now();
    observe::log_warning("the sink does not take records, retrying", {{"sink", sink_}, {"reason", outcome.reason}});
  }
  sink_problem_ = outcome.reason;
  metrics_->counter("tandem_log_retries_total", {sink_}).add();
  return false;
}

// False: the dead-letter file takes no more, and the batch has to wait.
bool Settlement::keep_refused(const Batch& batch, const Outcome& outcome) {
  Buffer letters;
  for (const auto& one : outcome.refused)
    append_dead_letter(one.record, one.is_json, "record", batch.id, sink_, one.reason, letters);
  if (outcome.refused.empty()) append_dead_letters(batch, body_, sink_, outcome.reason, letters);
  const std::string& reason = outcome.refused.empty() ? outcome.reason : outcome.refused.front().reason;
  try {
    letters_.append(letters.view());
  } catch (const Error& error) {
    letter_problem_ = error.what();
    return false;
  }
  letter_problem_.clear();
  const std::uint64_t records = outcome.refused.empty() ? batch.records : outcome.refused.size();
  observe::log_warning("the sink refused records; they are in the dead-letter file",
                       {{"sink", sink_}, {"records", records}, {"reason", reason}});
  return true;
}

Settlement::Tally::Tally(observe::Metrics& metrics, const std::string& sink, const char* result)
    : records_(&metrics.counter("tandem_log_records_total", {sink, result})),
      batches_(&metrics.counter("tandem_log_batches_total", {sink, result})),
      bytes_(&metrics.counter("tandem_log_input_bytes_total", {sink, result})) {}

void Settlement::Tally::add(std::uint64_t records, std::uint64_t bytes) {
  records_->add(static_cast<double>(records));
  batches_->add(bytes > 0);
  bytes_->add(static_cast<double>(bytes));
}

std::string Settlement::problem() const {
  if (!letter_problem_.empty()) return letter_problem_;
  if (!sink_problem_.empty() && std::chrono::steady_clock::now() - failing_since_ > sink_grace)
    return "the sink " + sink_ + " does not take records: " + sink_problem_;
  return "";
}

}  // namespace tandem::shipper
