#include "pods/supervise/backoff.hpp"

#include <algorithm>

namespace tandem::supervise {
namespace {

bool forgotten(const state::ContainerRecord& record, Time ended) {
  return record.backoff_delay == milliseconds(0) || ended - record.backoff_updated > backoff_forgotten_after;
}

}  // namespace

Time backoff_until(const state::ContainerRecord& record, Time ended) {
  return forgotten(record, ended) ? ended : ended + record.backoff_delay;
}

void advance_backoff(state::ContainerRecord& record, Time ended, Time now) {
  record.backoff_delay = forgotten(record, ended) ? first_backoff : std::min(record.backoff_delay * 2, longest_backoff);
  record.backoff_updated = now;
}

}  // namespace tandem::supervise
