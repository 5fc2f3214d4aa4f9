// What URLs say that nobody else should read.
#pragma once

#include <string>
#include <string_view>

namespace tandem::observe {

// The text with "***" in place of what may be secret in its URLs (and addresses unix:/PATH): passwords before an @
// (scheme://user:password@host), and in queries, fragments and after a ; what is not known to be harmless, by its name
// (?format=json) and by its value (letters, digits and some marks). Outside of URLs, behind the marks that begin
// parameters, what is called token, key, secret, password, signature or the like.
std::string mask_credentials(std::string_view text);

// A value of a config: a URL in it goes on to its end, blanks and quotes or not.
std::string mask_value(std::string_view value);

}  // namespace tandem::observe
