#include "core/net/tls_text.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <ctime>
#include <memory>

namespace tandem::net {
namespace {

std::string subject_of(X509* certificate) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> out(BIO_new(BIO_s_mem()), BIO_free_all);
  X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : "no subject";
}

std::string time_text(const ASN1_TIME* time) {
  std::tm parts{};
  char text[32];
  if (ASN1_TIME_to_tm(time, &parts) != 1 || std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
    return "an unreadable date";
  return text;
}

std::string address_text(const ASN1_OCTET_STRING* bytes) {
  const unsigned char* const at = ASN1_STRING_get0_data(bytes);
  if (ASN1_STRING_length(bytes) != 4) return "an IPv6 address";
  char text[16];
  std::snprintf(text, sizeof text, "%u.%u.%u.%u", at[0], at[1], at[2], at[3]);
  return text;
}

// Those in the subjectAltName; else the subject, which names nothing that counts.
std::string names_of(X509* certificate) {
  auto* const list = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  std::string names;
  for (int i = 0; i < sk_GENERAL_NAME_num(list) && i < 8; ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(list, i);
    std::string text;
    if (name->type == GEN_DNS)
      text.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                  static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
    if (name->type == GEN_IPADD) text = address_text(name->d.iPAddress);
    if (!text.empty()) names += (names.empty() ? "" : ", ") + text;
  }
  GENERAL_NAMES_free(list);
  return names.empty() ? subject_of(certificate) : names;
}

}  // namespace

std::string describe_verification(int code, X509* certificate, const std::string& wanted) {
  const std::string reason = X509_verify_cert_error_string(code);
  if (!certificate) return reason;
  switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return reason + " (" + subject_of(certificate) + ", on " + time_text(X509_get0_notAfter(certificate)) + ")";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return reason + " (" + subject_of(certificate) + ", before " + time_text(X509_get0_notBefore(certificate)) + ")";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "the server's certificate is for " + names_of(certificate) + ", not for " + wanted +
             " (tls.serverName names another)";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return reason + " (" + subject_of(certificate) + "); it is not signed by a certificate in tls.caFile";
    default:
      return reason + " (" + subject_of(certificate) + ")";
  }
}

std::string describe_own(X509* certificate) {
  if (!certificate || X509_cmp_current_time(X509_get0_notAfter(certificate)) >= 0) return "";
  return "our certificate (" + subject_of(certificate) + ") has expired on " +
         time_text(X509_get0_notAfter(certificate));
}

std::string describe_failure(bool asked_in_vain) {
  const auto code = ERR_peek_last_error();
  const int reason = ERR_GET_REASON(code);
  const char* const known = code ? ERR_reason_error_string(code) : nullptr;
  const std::string text = known ? known : "an unknown error";
  const bool ours = code != 0 && ERR_GET_LIB(code) == ERR_LIB_SSL;
  ERR_clear_error();
  if (!ours) return text;
  switch (reason) {
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return "the other side closed the connection without close_notify";
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_HTTP_REQUEST:
      return "the other side does not speak TLS (" + text + ")";
    default:
      break;
  }
  if (reason < SSL_AD_REASON_OFFSET) return text;  // no alert of the other side
  std::string refused = "the other side refused (" + text + ")";
  if (asked_in_vain) refused += "; it asks for a client certificate (tls.certFile, tls.keyFile)";
  return refused;
}

}  // namespace tandem::net
