#include "sidecars/log/replay_delivery.hpp"

#include <fcntl.h>

#include <algorithm>

#include "core/observe/log.hpp"
#include "core/os/files.hpp"
#include "sidecars/log/dead_letter.hpp"

namespace tandem::shipper {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int most_refusals = 64;  // then whole batches are refused without a look for the bad ones

}  // namespace

ReplayDelivery::ReplayDelivery(asio::io_context& io, std::chrono::milliseconds patience)
    : pause_(io), patience_(patience), random_(std::random_device{}()) {}

void ReplayDelivery::begin(std::string refused_path) {
  refused_path_ = std::move(refused_path);
  counts_ = ReplayCounts();
}

void ReplayDelivery::stop(const std::string& why) {
  if (stopped_.empty()) stopped_ = why;
  pause_.cancel();
}

void ReplayDelivery::keep(std::string_view letters) const {
  const unique_fd file = open_given_file(refused_path_, O_WRONLY | O_APPEND | O_CREAT, 0600);
  write_all(file.get(), letters, refused_path_);
}

void ReplayDelivery::refuse(const Letter& letter, const std::string& reason) {
  Buffer out;
  append_dead_letter(letter.content, letter.is_json, letter.is_body ? "body" : "record", letter.batch, letter.sink,
                     reason, out);
  keep(out.view());
  ++counts_.refused;
  ++counts_.reasons[reason];
}

// The sink says itself which records it did not take.
void ReplayDelivery::keep_refused(const Batch& batch, const ReplayTarget& target, const Outcome& outcome) {
  Buffer out;
  for (const auto& one : outcome.refused) {
    append_dead_letter(one.record, one.is_json, "record", batch.id, target.settings().name, one.reason, out);
    ++counts_.reasons[one.reason];
  }
  keep(out.view());
  counts_.refused += outcome.refused.size();
}

net::awaitable<Outcome> ReplayDelivery::try_until_taken(Sink* sink, const Batch* batch) {
  std::uniform_real_distribution<double> chance(0, 1);
  const auto end = Clock::now() + patience_;
  Outcome outcome;
  for (unsigned attempt = 0;; ++attempt) {
    outcome = co_await sink->write(*batch);
    if (outcome.verdict != Verdict::retry_later || !stopped_.empty()) co_return outcome;
    if (attempt == 0) observe::log_warning("the sink does not take records, retrying", {{"reason", outcome.reason}});
    pause_.expires_after(retry_delay(outcome, attempt, chance(random_)));
    if (pause_.expiry() > end) co_return outcome;
    auto [cancelled] = co_await pause_.async_wait(net::as_result);
    static_cast<void>(cancelled);
    if (!stopped_.empty()) co_return outcome;
  }
}

net::awaitable<bool> ReplayDelivery::send(const std::vector<Letter>* letters, ReplayTarget* target) {
  std::vector<std::pair<std::size_t, std::size_t>> parts{{0, letters->size()}};  // the next one at the end
  while (!parts.empty() && stopped_.empty()) {
    const auto [begin, end] = parts.back();
    parts.pop_back();
    const Letter* const first = letters->data() + begin;
    const Batch batch = target->encoder().encode(first, letters->data() + end);
    const Outcome outcome = co_await try_until_taken(target->sink(), &batch);
    if (outcome.verdict == Verdict::retry_later) {
      stop(outcome.reason);
      co_return false;
    }
    if (outcome.verdict == Verdict::delivered) {
      refusals_ = 0;
      counts_.delivered += batch.records - std::min<std::uint64_t>(batch.records, outcome.refused.size());
      if (!outcome.refused.empty()) keep_refused(batch, *target, outcome);
      if (!outcome.warning.empty())
        observe::log_warning("the sink took the records and warns", {{"warning", outcome.warning}});
    } else if (end - begin > 1 && ++refusals_ < most_refusals) {
      const std::size_t middle = begin + (end - begin) / 2;
      parts.emplace_back(middle, end);
      parts.emplace_back(begin, middle);
    } else {
      for (const Letter* letter = first; letter != letters->data() + end; ++letter) refuse(*letter, outcome.reason);
    }
  }
  co_return parts.empty();
}

}  // namespace tandem::shipper
