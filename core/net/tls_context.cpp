#include "core/net/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include "core/os/error.hpp"
#include "core/os/files.hpp"

namespace tandem::net {
namespace {

// OpenSSL's reason for what just failed; a missing file has a better text than its "system lib".
std::string last_reason() {
  const auto code = ERR_peek_last_error();
  const char* const reason = code ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return reason ? reason : "no reason given";
}

constexpr std::size_t longest_file = 16u << 20;

// OpenSSL opens files by their path and waits for a FIFO's writer: it is given what they hold instead. False: `why`
// says what is the matter.
bool read_pem(const std::string& path, std::string& text, std::string& why) {
  try {
    text = read_given_file(path, longest_file);
    return true;
  } catch (const Error& error) {
    why = "cannot read \"" + path + "\": " + error.cause();
    return false;
  }
}

struct Free {
  void operator()(BIO* source) const { BIO_free(source); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(STACK_OF(X509_INFO) * all) const { sk_X509_INFO_pop_free(all, X509_INFO_free); }
};

std::unique_ptr<BIO, Free> source_of(const std::string& text) {
  return std::unique_ptr<BIO, Free>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Without it OpenSSL asks on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

TlsProblem load_authorities(SSL_CTX* context, const TlsSettings& settings) {
  if (settings.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return {};
  }
  std::string text, why;
  if (!read_pem(settings.ca_file, text, why)) return {"caFile", why};
  const std::unique_ptr<STACK_OF(X509_INFO), Free> all(
      PEM_X509_INFO_read_bio(source_of(text).get(), nullptr, no_passphrase, nullptr));
  int authorities = 0;
  for (int i = 0; all && i < sk_X509_INFO_num(all.get()); ++i) {
    const X509_INFO* const one = sk_X509_INFO_value(all.get(), i);
    X509_STORE* const trusted = SSL_CTX_get_cert_store(context);
    if (one->crl) X509_STORE_add_crl(trusted, one->crl);
    if (!one->x509 || X509_STORE_add_cert(trusted, one->x509) != 1) continue;
    SSL_CTX_add_client_CA(context, one->x509);  // named to clients, when it is a server's
    ++authorities;
  }
  if (authorities == 0)
    return {"caFile", "\"" + settings.ca_file + "\" holds no certificates in PEM: " + last_reason()};
  ERR_clear_error();
  return {};
}

// Ours, and those that lead from it to an authority.
bool use_chain(SSL_CTX* context, const std::string& text) {
  const auto source = source_of(text);
  const std::unique_ptr<X509, Free> own(PEM_read_bio_X509_AUX(source.get(), nullptr, no_passphrase, nullptr));
  if (!own || SSL_CTX_use_certificate(context, own.get()) != 1) return false;
  while (X509* const next = PEM_read_bio_X509(source.get(), nullptr, no_passphrase, nullptr)) {
    if (SSL_CTX_add0_chain_cert(context, next) == 1) continue;
    X509_free(next);
    return false;
  }
  return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

TlsProblem load_own_certificate(SSL_CTX* context, const TlsSettings& settings) {
  if (settings.cert_file.empty() && settings.key_file.empty()) return {};
  if (settings.key_file.empty()) return {"keyFile", "certFile and keyFile go together, and keyFile is missing"};
  if (settings.cert_file.empty()) return {"certFile", "certFile and keyFile go together, and certFile is missing"};
  std::string chain, secret, why;
  if (!read_pem(settings.cert_file, chain, why)) return {"certFile", why};
  if (!read_pem(settings.key_file, secret, why)) return {"keyFile", why};
  if (!use_chain(context, chain))
    return {"certFile", "\"" + settings.cert_file + "\" holds no usable certificate in PEM: " + last_reason()};
  ERR_clear_error();
  const std::unique_ptr<EVP_PKEY, Free> key(
      PEM_read_bio_PrivateKey(source_of(secret).get(), nullptr, no_passphrase, nullptr));
  OPENSSL_cleanse(secret.data(), secret.size());
  // A key of the same kind as the certificate is compared with it at once.
  const bool loaded = key && SSL_CTX_use_PrivateKey(context, key.get()) == 1;
  const int reason = loaded ? 0 : ERR_GET_REASON(ERR_peek_last_error());
  if (!loaded && reason != X509_R_KEY_VALUES_MISMATCH && reason != X509_R_KEY_TYPE_MISMATCH)
    return {"keyFile",
            "\"" + settings.key_file + "\" holds no private key in PEM without a passphrase: " + last_reason()};
  if (!loaded || SSL_CTX_check_private_key(context) != 1) {
    ERR_clear_error();
    return {"keyFile",
            "the key \"" + settings.key_file + "\" does not belong to the certificate \"" + settings.cert_file + "\""};
  }
  return {};
}

// What both sides have; nullptr: OpenSSL cannot start.
std::shared_ptr<SSL_CTX> make_context(const SSL_METHOD* side) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(side), SSL_CTX_free);
  if (!context) return nullptr;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  // A write goes record by record, and may be tried again from another place; idle connections hold no buffers.
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
  // A certificate in caFile is trusted even if another one signed it, as in Go's TLS and curl.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context.get()), X509_V_FLAG_PARTIAL_CHAIN);
  return context;
}

}  // namespace

TlsContext load_tls_context(const TlsSettings& settings) {
  TlsContext loaded;
  const auto context = make_context(TLS_client_method());
  if (!context) {
    loaded.problem = {"caFile", "OpenSSL cannot start: " + last_reason()};
    return loaded;
  }
  loaded.problem = load_authorities(context.get(), settings);
  if (loaded.problem.key.empty()) loaded.problem = load_own_certificate(context.get(), settings);
  if (loaded.problem.key.empty()) loaded.context = context;
  return loaded;
}

TlsContext load_server_context(const TlsSettings& settings) {
  TlsContext loaded;
  if (settings.cert_file.empty()) {
    loaded.problem = {"certFile", "who listens needs a certificate: certFile and keyFile"};
    return loaded;
  }
  const auto context = make_context(TLS_server_method());
  if (!context) {
    loaded.problem = {"certFile", "OpenSSL cannot start: " + last_reason()};
    return loaded;
  }
  // Nobody comes back to a session: each connection shows its certificate to the files of its day.
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_num_tickets(context.get(), 0);
  loaded.problem = load_own_certificate(context.get(), settings);
  if (loaded.problem.key.empty() && !settings.ca_file.empty()) {
    loaded.problem = load_authorities(context.get(), settings);
    if (loaded.problem.key == "caFile") loaded.problem.key = "clientCaFile";
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  if (loaded.problem.key.empty()) loaded.context = context;
  return loaded;
}

std::string files_version(const TlsSettings& settings) {
  std::string version;
  for (const auto* path : {&settings.ca_file, &settings.cert_file, &settings.key_file}) {
    struct stat now {};
    if (path->empty() || ::stat(path->c_str(), &now) != 0) {
      version += "-;";
      continue;
    }
    for (const auto part : {static_cast<long long>(now.st_dev), static_cast<long long>(now.st_ino),
                            static_cast<long long>(now.st_size), static_cast<long long>(now.st_mtim.tv_sec),
                            static_cast<long long>(now.st_mtim.tv_nsec), static_cast<long long>(now.st_ctim.tv_nsec)})
      version += std::to_string(part) + ",";
    version += ";";
  }
  return version;
}

TlsProblem check_tls(const TlsSettings& settings) {
  // Without a file nothing can be wrong, and loading the system's authorities takes 150 ms of CPU.
  if (settings.ca_file.empty() && settings.cert_file.empty() && settings.key_file.empty()) return {};
  return load_tls_context(settings).problem;
}

}  // namespace tandem::net
