#include <algorithm>

#include "sidecars/log/transform/characters.hpp"
#include "sidecars/log/transform/secrets.hpp"

namespace tandem::shipper {
namespace {

constexpr std::size_t least_digits = 13, most_digits = 19;

// Of payment cards (ISO/IEC 7812). Times in milliseconds and the like begin with others.
bool is_issuer(char first) { return first >= '2' && first <= '6'; }

// The Luhn sum of a growing number: which digits count twice depends on how many come after, so both are kept.
class Luhn {
 public:
  void add(char c) {
    const unsigned digit = static_cast<unsigned>(c - '0');
    const unsigned doubled = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    const unsigned last_single = last_double_ + digit;
    last_double_ = last_single_ + doubled;
    last_single_ = last_single;
  }
  bool is_valid() const { return last_single_ % 10 == 0; }

 private:
  unsigned last_single_ = 0, last_double_ = 0;  // were the last digit counted once, twice
};

// The longest card that begins at a group's begin and ends at a group's end. Where that group ends is in `group_end`.
std::optional<Secret> card_at(std::string_view text, std::size_t begin, std::size_t& group_end) {
  Luhn luhn;
  std::optional<Secret> longest;
  std::size_t at = begin, digits = 0;
  group_end = 0;
  while (true) {
    for (; at < text.size() && is_digit(text[at]); ++at) {
      if (digits++ < most_digits) luhn.add(text[at]);
    }
    if (group_end == 0) group_end = at;
    if (digits > most_digits) return longest;
    if (digits >= least_digits && is_issuer(text[begin]) && luhn.is_valid()) longest = Secret{begin, at};
    const bool goes_on = at + 1 < text.size() && (text[at] == ' ' || text[at] == '-') && is_digit(text[at + 1]);
    if (!goes_on) return longest;
    ++at;
  }
}

}  // namespace

std::optional<Secret> find_card(std::string_view text, std::size_t from) {
  std::size_t at = from;
  while (true) {
    at = static_cast<std::size_t>(std::find_if(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_digit) -
                                  text.begin());
    if (text.size() - at < least_digits) return std::nullopt;
    std::size_t group_end = 0;
    if (const auto card = card_at(text, at, group_end)) return card;
    at = group_end;
  }
}

}  // namespace tandem::shipper
