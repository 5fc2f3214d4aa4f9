#include "sidecars/log/sinks/conceal.hpp"

#include <algorithm>

namespace tandem::shipper {
namespace {

constexpr std::size_t shortest_secret = 4, shortest_word = 8;
constexpr std::string_view stand_in = "***";

}  // namespace

void KnownSecrets::add(std::string_view secret) {
  const auto keep = [&](std::string_view text) {
    if (std::find(all_.begin(), all_.end(), text) == all_.end()) all_.emplace_back(text);
  };
  if (secret.size() >= shortest_secret) keep(secret);
  for (std::size_t begin = 0, end = 0; end != secret.npos; begin = end + 1) {
    end = secret.find(' ', begin);
    const std::string_view word = secret.substr(begin, end - begin);
    if (word.size() >= shortest_word) keep(word);
  }
  std::stable_sort(all_.begin(), all_.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

void KnownSecrets::conceal(std::string& text) const {
  for (const auto& secret : all_) {
    std::size_t at = text.find(secret);
    if (at == std::string::npos) continue;
    std::string out;
    std::size_t from = 0;
    for (; at != std::string::npos; from = at + secret.size(), at = text.find(secret, from))
      out.append(text, from, at - from).append(stand_in);
    text = out.append(text, from);
  }
}

}  // namespace tandem::shipper
