// What went wrong in TLS, for people.
#pragma once

#include <string>

struct x509_st;  // OpenSSL's X509

namespace tandem::net {

// "certificate has expired (CN=logs, on 2026-01-31T00:00:00Z)". `code` is one of X509_V_ERR_*, `wanted` the name that
// the certificate should be for, `certificate` the one that failed (may be nullptr).
std::string describe_verification(int code, x509_st* certificate, const std::string& wanted);

// "" while the certificate is valid, else "our certificate (CN=web) has expired on ...".
std::string describe_own(x509_st* certificate);

// OpenSSL's error queue, which is emptied. `asked`: the server asked for a certificate that we do not have.
std::string describe_failure(bool asked_in_vain);

}  // namespace tandem::net
