// A value for each of the keys seen most recently; of no more keys than it was made for.
#pragma once

#include <cstdint>
#include <list>
#include <unordered_map>

namespace tandem::shipper {

// Keys are hashes. Memory is taken while it fills, not afterwards: a new key then takes the place of the one that was
// not asked for for the longest time.
template <class Value>
class RecentKeys {
 public:
  explicit RecentKeys(std::size_t most) : most_(most) {}

  // nullptr: the key is not known. It is the most recent one now.
  Value* find(std::uint64_t key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->value;
  }

  // Of a key that is not known.
  Value& add(std::uint64_t key, Value value) {
    if (entries_.size() < most_) {
      entries_.push_front({key, std::move(value)});
      places_.emplace(key, entries_.begin());
      return entries_.front().value;
    }
    entries_.splice(entries_.begin(), entries_, std::prev(entries_.end()));
    auto place = places_.extract(entries_.front().key);
    place.key() = key;
    places_.insert(std::move(place));
    entries_.front() = {key, std::move(value)};
    return entries_.front().value;
  }

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::uint64_t key;
    Value value;
  };
  std::size_t most_;
  std::list<Entry> entries_;
  std::unordered_map<std::uint64_t, typename std::list<Entry>::iterator> places_;
};

}  // namespace tandem::shipper
