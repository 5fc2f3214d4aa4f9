// What becomes of a batch when the sink has answered: acknowledged, kept as dead letters, or to be tried again; and
// what a person and /metrics are told of it.
#pragma once

#include <chrono>
#include <string>

#include "core/observe/metrics.hpp"
#include "sidecars/log/batch.hpp"
#include "sidecars/log/dead_letter.hpp"
#include "sidecars/log/settings.hpp"
#include "sidecars/log/sinks/sink.hpp"
#include "sidecars/log/tailer.hpp"

namespace tandem::shipper {

class Settlement {
 public:
  // The tailer and the metrics must outlive it.
  Settlement(const Settings& settings, const SinkSettings& sink, Tailer& tailer, observe::Metrics& metrics);
  void reconfigure(const Settings& settings, const SinkSettings& sink);

  bool settle(Batch& batch, const Outcome& outcome);  // false: it has to be tried again
  std::string problem() const;                        // why nothing is delivered now; empty: it is

 private:
  // What became of batches, on /metrics.
  class Tally {
   public:
    Tally(observe::Metrics& metrics, const std::string& sink, const char* result);
    void add(std::uint64_t records, std::uint64_t bytes);

   private:
    observe::Counter *records_, *batches_, *bytes_;
  };

  bool keep_refused(const Batch& batch, const Outcome& outcome);

  std::string sink_;
  BodyKind body_;
  Tailer* tailer_;
  observe::Metrics* metrics_;
  DeadLetterFile letters_;
  Tally delivered_, rejected_;
  std::string sink_problem_, letter_problem_;
  std::chrono::steady_clock::time_point failing_since_{};
};

}  // namespace tandem::shipper
