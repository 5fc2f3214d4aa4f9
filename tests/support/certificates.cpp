#include "tests/support/certificates.hpp"

#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace tandem::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

void require(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("cannot make a certificate: ") + what);
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  require(extension && X509_add_ext(certificate, extension, -1) == 1, value.c_str());
  X509_EXTENSION_free(extension);
}

Certificate unsigned_certificate(EVP_PKEY* key, const CertificateWish& wish) {
  Certificate certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  std::uint32_t serial = 0;
  require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "serial");
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), static_cast<long>(serial | 1));
  const auto from = -std::chrono::seconds(wish.age).count();
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), from + std::chrono::seconds(wish.life).count());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wish.name.c_str()), -1, -1, 0);
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

CertificateFiles write(const fs::path& folder, const std::string& name, X509* certificate, EVP_PKEY* key) {
  const CertificateFiles files{(folder / (name + ".pem")).string(), (folder / (name + ".key")).string()};
  BIO* const out = BIO_new_file(files.certificate.c_str(), "w");
  require(out && PEM_write_bio_X509(out, certificate) == 1, "write");
  BIO_free(out);
  BIO* const secret = BIO_new_file(files.key.c_str(), "w");
  require(secret && PEM_write_bio_PrivateKey(secret, key, nullptr, nullptr, 0, nullptr, nullptr) == 1, "write key");
  BIO_free(secret);
  return files;
}

}  // namespace

struct Authority::Pair {
  Key key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  Certificate certificate{nullptr, X509_free};
};

Authority::Authority(fs::path folder, const std::string& name)
    : folder_(std::move(folder)), own_(std::make_unique<Pair>()) {
  CertificateWish wish;
  wish.name = name;
  own_->certificate = unsigned_certificate(own_->key.get(), wish);
  X509* const self = own_->certificate.get();
  X509_set_issuer_name(self, X509_get_subject_name(self));
  extend(self, self, NID_basic_constraints, "critical,CA:TRUE");
  extend(self, self, NID_key_usage, "critical,keyCertSign,cRLSign");
  extend(self, self, NID_subject_key_identifier, "hash");
  require(X509_sign(self, own_->key.get(), EVP_sha256()) > 0, "sign");
  file_ = write(folder_, name, self, own_->key.get()).certificate;
}

Authority::~Authority() = default;

CertificateFiles Authority::issue(const CertificateWish& wish) const {
  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const auto made = unsigned_certificate(key.get(), wish);
  X509_set_issuer_name(made.get(), X509_get_subject_name(own_->certificate.get()));
  extend(made.get(), own_->certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
  extend(made.get(), own_->certificate.get(), NID_key_usage, "critical,digitalSignature");
  extend(made.get(), own_->certificate.get(), NID_ext_key_usage, "serverAuth,clientAuth");
  std::string names;
  for (const auto& host : wish.hosts) {
    in_addr address;
    const bool is_address = ::inet_pton(AF_INET, host.c_str(), &address) == 1;
    names += (names.empty() ? "" : ",") + std::string(is_address ? "IP:" : "DNS:") + host;
  }
  if (!names.empty()) extend(made.get(), own_->certificate.get(), NID_subject_alt_name, names);
  require(X509_sign(made.get(), own_->key.get(), EVP_sha256()) > 0, "sign");
  return write(folder_, wish.name, made.get(), key.get());
}

}  // namespace tandem::test
