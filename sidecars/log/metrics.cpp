#include "sidecars/log/metrics.hpp"

#include <algorithm>

#include "sidecars/log/pipeline.hpp"

namespace tandem::shipper {
namespace {

using observe::MetricType;

constexpr std::size_t most_files_shown = 200;  // a series per file: bounded, whatever the pod writes

void remove_file(observe::Metrics& metrics, const observe::Metrics::Labels& file) {
  for (const char* name : {"written_bytes", "read_bytes", "acknowledged_bytes", "skipped_bytes", "lag_seconds"})
    metrics.remove(std::string("tandem_log_file_") + name, file);
}

}  // namespace

const observe::MetricTable& metric_table() {
  static const observe::MetricTable table = {
      {"tandem_log_records_total",
       MetricType::counter,
       "Records by what became of them: delivered, rejected.",
       {"sink", "result"}},
      {"tandem_log_batches_total", MetricType::counter, "Batches by what became of them.", {"sink", "result"}},
      {"tandem_log_input_bytes_total", MetricType::counter, "Bytes of files in those batches.", {"sink", "result"}},
      {"tandem_log_cut_messages_total", MetricType::counter, "Syslog messages cut to fit a datagram.", {"sink"}},
      {"tandem_log_dropped_records_total",
       MetricType::counter,
       "Records that a transform dropped, as it was told to.",
       {"sink", "transform"}},
      {"tandem_log_retries_total",
       MetricType::counter,
       "Batches that the sink did not take, to be tried again.",
       {"sink"}},
      {"tandem_log_in_flight_batches", MetricType::gauge, "Batches on their way.", {"sink"}},
      {"tandem_log_files", MetricType::gauge, "File generations that are known.", {"sink"}},
      {"tandem_log_unacknowledged_bytes",
       MetricType::gauge,
       "Written to files, not yet acknowledged by the sink.",
       {"sink"}},
      {"tandem_log_at_risk_bytes",
       MetricType::gauge,
       "Of these, in files that were deleted or renamed out of reach.",
       {"sink"}},
      {"tandem_log_lost_bytes_total",
       MetricType::counter,
       "Bytes that were in a file and could not be shipped.",
       {"sink"}},
      {"tandem_log_truncations_total", MetricType::counter, "Files that were truncated or rewritten.", {"sink"}},
      {"tandem_log_copies_total", MetricType::counter, "Files found to be copies of others.", {"sink"}},
      {"tandem_log_ambiguous_files_total",
       MetricType::counter,
       "Files that may have been copies, and were shipped.",
       {"sink"}},
      {"tandem_log_refused_links_total",
       MetricType::counter,
       "Names that were not read as links lead to them that follow.links does not allow.",
       {"sink"}},
      {"tandem_log_cut_records_total",
       MetricType::counter,
       "Lines and records that a limit cut: line (limits.line), maxLines (multiline.maxLines).",
       {"sink", "limit"}},
      {"tandem_log_unfollowed_files",
       MetricType::gauge,
       "Files that are not followed now, as limits.files or limits.fileNames is reached.",
       {"sink"}},
      {"tandem_log_missed_files_total",
       MetricType::counter,
       "Files that were written and deleted before they could be opened, as far as the kernel told of them.",
       {"sink"}},
      {"tandem_log_refused_compressed_total",
       MetricType::counter,
       "Rotated files that were not read as more comes of them than limits.unpacked, unpackedRatio or the disk allow.",
       {"sink"}},
      {"tandem_log_unreadable_files", MetricType::gauge, "Files and directories that cannot be opened now.", {"sink"}},
      {"tandem_log_positions_writable",
       MetricType::gauge,
       "0 while the positions cannot be written: nothing new is sent.",
       {"sink"}},
      {"tandem_log_file_written_bytes",
       MetricType::gauge,
       "Size of a file generation.",
       {"sink", "source", "file", "generation"}},
      {"tandem_log_file_read_bytes", MetricType::gauge, "Read of it.", {"sink", "source", "file", "generation"}},
      {"tandem_log_file_acknowledged_bytes",
       MetricType::gauge,
       "Acknowledged of it, or skipped.",
       {"sink", "source", "file", "generation"}},
      {"tandem_log_file_lag_seconds",
       MetricType::gauge,
       "How long its first byte that is not acknowledged has been there.",
       {"sink", "source", "file", "generation"}},
      {"tandem_log_lag_seconds", MetricType::gauge, "The longest of these.", {"sink"}},
      {"tandem_log_file_skipped_bytes",
       MetricType::gauge,
       "Skipped of it for whatever reason: a copy, a hole, given up.",
       {"sink", "source", "file", "generation"}},
      {"tandem_log_source_bytes", MetricType::gauge, "Of all files of a source that reclaims.", {"source"}},
      {"tandem_log_reclaimed_files_total", MetricType::counter, "Files deleted as every sink had them.", {"source"}},
      {"tandem_log_reclaimed_bytes_total", MetricType::counter, "Bytes of these.", {"source"}},
      {"tandem_log_received_messages_total", MetricType::counter, "Taken in by sockets or stdin.", {"source"}},
      {"tandem_log_dropped_datagrams_total",
       MetricType::counter,
       "UDP datagrams that found the spool or the kernel's buffer full.",
       {"source"}},
      {"tandem_log_broken_streams_total",
       MetricType::counter,
       "Connections closed as their messages could not be told apart.",
       {"source"}},
      {"tandem_log_connections", MetricType::gauge, "Senders connected now.", {"source"}},
      {"tandem_log_spool_bytes", MetricType::gauge, "Received, and not yet shipped to every sink.", {"source"}},
      {"tandem_log_spool_full_total",
       MetricType::counter,
       "Times that a source took no more for a while, as its spool or its disk was full.",
       {"source"}},
      {"tandem_log_parse_failures_total",
       MetricType::counter,
       "Records, or their times, that a parser could not read.",
       {"sink", "transform"}},
  };
  return table;
}

void collect(const Pipeline& pipeline, observe::Metrics& metrics, ShownFiles& shown) {
  const Tailer& tailer = pipeline.tailer();
  const observe::Metrics::Labels sink = {pipeline.name()};
  const auto gauge = [&](const char* name, auto value) { metrics.gauge(name, sink).set(static_cast<double>(value)); };
  const auto counter = [&](const char* name, std::uint64_t value) {
    metrics.counter(name, sink).set(static_cast<double>(value));
  };
  const auto accounts = tailer.accounts();
  gauge("tandem_log_in_flight_batches", pipeline.in_flight());
  gauge("tandem_log_files", accounts.size());
  gauge("tandem_log_unacknowledged_bytes", tailer.unacknowledged_bytes());
  gauge("tandem_log_at_risk_bytes", tailer.bytes_at_risk());
  gauge("tandem_log_unreadable_files", tailer.open_problems().size());
  gauge("tandem_log_positions_writable", tailer.store_problem().empty() ? 1 : 0);
  counter("tandem_log_lost_bytes_total", tailer.counts().lost_bytes);
  counter("tandem_log_truncations_total", tailer.counts().truncations);
  counter("tandem_log_copies_total", tailer.counts().copies);
  counter("tandem_log_ambiguous_files_total", tailer.counts().ambiguous);
  counter("tandem_log_refused_links_total", tailer.counts().refused_links);
  gauge("tandem_log_unfollowed_files", tailer.unfollowed_files());
  metrics.counter("tandem_log_cut_records_total", {pipeline.name(), "line"})
      .set(static_cast<double>(tailer.counts().cut_lines));
  metrics.counter("tandem_log_cut_records_total", {pipeline.name(), "maxLines"})
      .set(static_cast<double>(tailer.counts().cut_records));
  counter("tandem_log_missed_files_total", tailer.counts().missed_files);
  counter("tandem_log_refused_compressed_total", tailer.counts().refused_compressed);
  metrics.counter("tandem_log_retries_total", sink);
  for (const char* result : {"delivered", "rejected"})
    metrics.counter("tandem_log_records_total", {pipeline.name(), result});

  const auto clock = std::chrono::steady_clock::now();
  const auto lag_of = [&](const FileAccount& account) {
    return account.behind_since ? std::chrono::duration<double>(clock - *account.behind_since).count() : 0;
  };
  double longest = 0;
  for (const auto& account : accounts) longest = std::max(longest, lag_of(account));
  gauge("tandem_log_lag_seconds", longest);

  std::set<observe::Metrics::Labels> now;
  for (const auto& account : accounts) {
    if (now.size() == most_files_shown) break;
    if (!account.in_reach && account.written <= account.acknowledged) continue;
    const observe::Metrics::Labels file = {pipeline.name(), account.source, account.path,
                                           to_string(account.id).substr(0, 8)};
    std::uint64_t skipped = 0;
    for (const auto bytes : account.skipped) skipped += bytes;
    metrics.gauge("tandem_log_file_written_bytes", file).set(static_cast<double>(account.written));
    metrics.gauge("tandem_log_file_read_bytes", file).set(static_cast<double>(account.read));
    metrics.gauge("tandem_log_file_acknowledged_bytes", file).set(static_cast<double>(account.acknowledged));
    metrics.gauge("tandem_log_file_skipped_bytes", file).set(static_cast<double>(skipped));
    metrics.gauge("tandem_log_file_lag_seconds", file).set(lag_of(account));
    now.insert(file);
  }
  auto& before = shown[pipeline.name()];
  for (const auto& file : before) {
    if (!now.contains(file)) remove_file(metrics, file);
  }
  before = std::move(now);
}

void forget(const std::string& sink, observe::Metrics& metrics, ShownFiles& shown) {
  for (const auto& row : metric_table())
    if (row.type == MetricType::gauge && row.labels == std::vector<std::string>{"sink"})
      metrics.remove(row.name, {sink});
  for (const auto& file : shown[sink]) remove_file(metrics, file);
  shown.erase(sink);
}

}  // namespace tandem::shipper
