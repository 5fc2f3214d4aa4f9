// Where secrets stand in a text.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::shipper {

struct Secret {
  std::size_t begin = 0, end = 0;  // never empty
};

class SecretFinder {
 public:
  virtual ~SecretFinder() = default;
  virtual std::optional<Secret> find(std::string_view text,
                                     std::size_t from) const = 0;  // the first at or after `from`
  // How the secret is written when it is hashed: the same for the same card, whatever stands between its digits.
  virtual std::string canonical(std::string_view secret) const { return std::string(secret); }
  virtual bool wants_utf8() const { return false; }  // would find less in other bytes
};
using Finders = std::vector<std::shared_ptr<const SecretFinder>>;

// The names that add_finders knows: card, mail, ipv4, ipv6, token.
const std::vector<std::string>& known_secrets();
// card: 13 to 19 digits, single blanks or hyphens between them, with a valid Luhn sum (ISO/IEC 7812-1). ipv4, ipv6: as
// inet_pton(3) takes them. token: JSON web tokens (RFC 7519), what follows "Bearer" (RFC 6750) and "Authorization:
// Basic", AWS access key ids, passwords in URLs, and the value of password=, api_key=, token=, secret= and the like.
void add_finders(const std::string& known, Finders& finders);

// The pattern's first group that took part, or all of the match. nullptr: `problem` is what RE2 says.
std::shared_ptr<const SecretFinder> make_pattern_finder(const std::string& pattern, std::string& problem);

// password, api_key, dbPassword, ...: what such a field holds is a token.
bool names_a_secret(std::string_view field);

std::optional<Secret> find_card(std::string_view text, std::size_t from);
std::optional<Secret> find_ipv4(std::string_view text, std::size_t from);
std::optional<Secret> find_ipv6(std::string_view text, std::size_t from);

}  // namespace tandem::shipper
