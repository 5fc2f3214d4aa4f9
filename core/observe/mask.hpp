// What URLs say that nobody else should read.
#pragma once

#include <string>
#include <string_view>

namespace tandem::observe {

// The text with "***" in place of passwords before an @ (scheme://user:password@host) and of the values of query
// parameters that are called token, key, secret, password, signature or the like (?token=...).
std::string mask_credentials(std::string_view text);

}  // namespace tandem::observe
