#include "core/net/backoff.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace tandem::net {

namespace {

// splitmix64: small, good enough for jitter. https://prng.di.unimi.it/splitmix64.c
std::uint64_t next_random(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

std::chrono::milliseconds backoff_ceiling(const BackoffPolicy& policy, unsigned attempt) {
  double wait = static_cast<double>(policy.first.count()) * std::pow(policy.factor, std::min(attempt, 1000u));
  double cap = static_cast<double>(policy.cap.count());
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::min(wait, cap)));
}

Backoff::Backoff(BackoffPolicy policy, std::uint64_t seed) : policy_(policy), state_(seed) {
  if (seed != 0) return;
  std::random_device random;
  state_ = (std::uint64_t{random()} << 32) | random();
}

std::chrono::milliseconds Backoff::next() {
  auto ceiling = backoff_ceiling(policy_, attempt_++).count();
  auto wait = next_random(state_) % (static_cast<std::uint64_t>(ceiling) + 1);
  return std::chrono::milliseconds(static_cast<std::int64_t>(wait));
}

}  // namespace tandem::net
