// The sources that are no files, by name: what goes on and what ends when the config changes.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/run/service.hpp"
#include "sidecars/log/main_end.hpp"
#include "sidecars/log/settings.hpp"

namespace tandem::shipper {

class Intake;

class Intakes {
 public:
  using Set = std::map<std::string, std::shared_ptr<Intake>>;

  explicit Intakes(run::Context& context) : context_(&context) {}

  // Those that go on and those that are new, which listen already. Throws when one cannot, and nothing has changed.
  Set prepare(const Settings& settings) const;
  void take(Set next, const Settings& settings);

  void finish();                        // takes what the kernel has, and no more
  bool have_ended() const;              // stdin was the only source, and it is in the spool
  bool count_spools();                  // after files were deleted; true: one is full
  std::size_t unwritten_bytes() const;  // taken, and not in a spool as that is full; count_spools() tries again
  std::string problem() const;
  void collect(observe::Metrics& metrics) const;
  void look(PodSight& sight) const;  // a connection is a writer

 private:
  run::Context* context_;
  Set all_;
  bool only_input_ = false;
};

}  // namespace tandem::shipper
