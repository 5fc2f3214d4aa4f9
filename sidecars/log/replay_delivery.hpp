// Letters to a sink: tried again while it takes none, halved where it refuses.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "sidecars/log/replay_letters.hpp"
#include "sidecars/log/sinks/sink.hpp"

namespace tandem::shipper {

// A sink with what makes batches for it. `settings` outlives it.
class ReplayTarget {
 public:
  ReplayTarget(const SinkSettings& settings, const SinkContext& context)
      : settings_(&settings), encoder_(settings), sink_(settings.make(settings, context)) {}
  const SinkSettings& settings() const { return *settings_; }
  LetterEncoder& encoder() { return encoder_; }
  Sink* sink() { return sink_.get(); }

 private:
  const SinkSettings* settings_;
  LetterEncoder encoder_;
  std::unique_ptr<Sink> sink_;
};

class ReplayCounts {
 public:
  std::uint64_t delivered = 0, refused = 0;
  std::map<std::string, std::uint64_t> reasons;  // of those that were refused
};

class ReplayDelivery {
 public:
  // A sink that takes nothing for `patience` stops it.
  ReplayDelivery(asio::io_context& io, std::chrono::milliseconds patience);

  void begin(std::string refused_path);  // another file: counts are 0, refused letters go to this path
  // Sends letters that the target has no problem with, as one batch; when it is refused, its halves, and so on.
  // False: it was stopped before all were delivered or refused; the same call sends them again under the same ids.
  net::awaitable<bool> send(const std::vector<Letter>* letters, ReplayTarget* target);
  void refuse(const Letter& letter, const std::string& reason);  // throws Error when they cannot be kept

  void stop(const std::string& why);  // the first one counts
  const std::string& stopped() const { return stopped_; }
  const ReplayCounts& counts() const { return counts_; }

 private:
  net::awaitable<Outcome> try_until_taken(Sink* sink, const Batch* batch);
  void keep(std::string_view letters) const;
  void keep_refused(const Batch& batch, const ReplayTarget& target, const Outcome& outcome);

  asio::steady_timer pause_;
  std::chrono::milliseconds patience_;
  std::minstd_rand random_;
  std::string refused_path_, stopped_;
  ReplayCounts counts_;
  int refusals_ = 0;  // one after the other
};

}  // namespace tandem::shipper
