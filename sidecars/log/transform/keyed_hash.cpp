#include "sidecars/log/transform/keyed_hash.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/os/error.hpp"
#include "core/os/files.hpp"

namespace tandem::shipper {
namespace {

constexpr std::size_t least_key_bytes = 16;

}  // namespace

std::string keyed_hash(std::string_view key, std::string_view secret) {
  unsigned char sum[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (!::HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
              reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), sum, &size))
    throw Error(Fault::environment, "hash a secret", "", "libcrypto has no HMAC-SHA256");
  std::string digits;
  for (int i = 0; i < 8; ++i) {
    digits += "0123456789abcdef"[sum[i] >> 4];
    digits += "0123456789abcdef"[sum[i] & 15];
  }
  for (const std::size_t at : {0, 8, 15})
    if (digits[at] <= '9') digits[at] = static_cast<char>('a' + (digits[at] - '0') % 6);
  return digits;
}

std::string read_hash_key(const std::string& path) {
  std::string key = read_given_file(path, 64 << 10);
  while (key.ends_with('\n') || key.ends_with('\r')) key.pop_back();
  if (key.size() < least_key_bytes)
    throw Error(Fault::input, "read the key", path, "it has fewer than 16 bytes", "head -c 32 /dev/urandom | base64");
  return key;
}

}  // namespace tandem::shipper
