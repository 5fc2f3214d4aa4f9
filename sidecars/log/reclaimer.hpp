// Deletes what every sink has, source by source: the driver between plan_reclaim(), the tailers and the disk.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/observe/metrics.hpp"
#include "sidecars/log/pipeline.hpp"
#include "sidecars/log/settings.hpp"

namespace tandem::shipper {

class Reclaimer {
 public:
  using Pipelines = std::vector<std::shared_ptr<Pipeline>>;

  explicit Reclaimer(observe::Metrics& metrics) : metrics_(&metrics) {}

  // Before the tailers look: puts back what a killed process was about to delete.
  void configure(const Settings& settings);
  // Deletes what may go now. Returns how long it may rest: it takes at most a twentieth of the time; max(): there is
  // no source with anything to reclaim.
  std::chrono::nanoseconds look(const Pipelines& pipelines);
  // Whether every sink has all that is in the spools.
  bool spools_are_shipped(const Pipelines& pipelines) const;
  std::string problem() const;  // a source that is larger than its quota; empty: none

 private:
  struct Watched {
    Source source;
    bool over = false, told = false;
    std::string failure, hole_failure;  // why a file could not be deleted or punched, as it was logged
  };

  void look(Watched& watched, const Pipelines& pipelines);
  void punch(Watched& watched, const std::vector<ListedFile>& files, const Pipelines& pipelines);
  ReclaimFile describe(const ListedFile& file, const Pipelines& pipelines) const;
  bool has_left(const ListedFile& file, const Pipelines& pipelines) const;
  std::vector<const Pipeline*> takers(const ListedFile& file, const Pipelines& pipelines, bool& all_there) const;

  observe::Metrics* metrics_;
  std::vector<Watched> watched_;
  std::map<std::string, std::vector<Source>> taken_;  // by sink
};

}  // namespace tandem::shipper
