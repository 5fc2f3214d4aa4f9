#include "pods/image/digest.hpp"

#include <openssl/evp.h>

#include "core/os/error.hpp"

namespace tandem::image {

namespace {

void require(bool fine) {
  if (!fine) throw Error(Fault::environment, "compute", "SHA-256", "OpenSSL refused");
}

}  // namespace

Digest::Digest() : context_(EVP_MD_CTX_new()) {
  require(context_ && EVP_DigestInit_ex(context_, EVP_sha256(), nullptr));
}
Digest::~Digest() { EVP_MD_CTX_free(context_); }

void Digest::update(std::string_view bytes) { require(EVP_DigestUpdate(context_, bytes.data(), bytes.size())); }

std::string Digest::finish() {
  unsigned char value[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  require(EVP_DigestFinal_ex(context_, value, &size));
  constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += digits[value[i] >> 4];
    hex += digits[value[i] & 15];
  }
  return hex;
}

std::string sha256_hex(std::string_view bytes) {
  Digest digest;
  digest.update(bytes);
  return digest.finish();
}

}  // namespace tandem::image
