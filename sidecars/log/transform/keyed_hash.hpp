// A secret's stand-in that is the same for the same secret, and tells nothing of it without the key.
#pragma once

#include <string>
#include <string_view>

namespace tandem::shipper {

// The first 16 hexadecimal digits of HMAC-SHA256 (RFC 2104), with the 1st, 9th and 16th turned into a letter where they
// are decimal (0 to 5 are a to f, 6 to 9 are a to d): so that no stand-in looks like a card, alone or with what is
// beside it.
std::string keyed_hash(std::string_view key, std::string_view secret);

// The file's bytes without newlines at its end. Throws Error{environment} when it cannot be read, and Error{input} when
// there are fewer than 16: short keys are guessed.
std::string read_hash_key(const std::string& path);

}  // namespace tandem::shipper
