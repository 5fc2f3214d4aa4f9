#include "tests/integration/log-objects/signature_check.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <regex>
#include <sstream>

namespace tandem::test {
namespace {

using Bytes = std::basic_string<unsigned char>;

Bytes to_bytes(const std::string& text) { return {text.begin(), text.end()}; }

std::string to_hex(const Bytes& bytes) {
  std::ostringstream out;
  for (const unsigned byte : bytes) out << std::hex << byte / 16 << byte % 16;
  return out.str();
}

Bytes sha256(const std::string& text) {
  Bytes sum(32, 0);
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  EVP_DigestInit_ex(context, EVP_sha256(), nullptr);
  EVP_DigestUpdate(context, text.data(), text.size());
  EVP_DigestFinal_ex(context, sum.data(), nullptr);
  EVP_MD_CTX_free(context);
  return sum;
}

// RFC 2104, by hand.
Bytes hmac(Bytes key, const std::string& text) {
  key.resize(64, 0);  // no key here is longer than a block
  std::string inner, outer;
  for (const unsigned char byte : key) {
    inner += static_cast<char>(byte ^ 0x36);
    outer += static_cast<char>(byte ^ 0x5c);
  }
  const Bytes first = sha256(inner + text);
  return sha256(outer + std::string(first.begin(), first.end()));
}

}  // namespace

std::string check_signature(const HttpCall& call, const S3Account& account) {
  static const std::regex form(
      "AWS4-HMAC-SHA256 Credential=([^/]+)/([0-9]{8})/([^/]+)/s3/aws4_request, ?SignedHeaders=([a-z0-9;-]+), "
      "?Signature=([0-9a-f]{64})");
  const std::string authorization = call.header("authorization");
  std::smatch parts;
  if (!std::regex_match(authorization, parts, form)) return "AuthorizationHeaderMalformed";
  if (parts[1] != account.access_key) return "InvalidAccessKeyId";
  if (parts[3] != account.region) return "AuthorizationHeaderMalformed";
  if (call.header("x-amz-security-token") != account.session_token) return "InvalidToken";
  const std::string time = call.header("x-amz-date");
  if (time.substr(0, 8) != parts[2]) return "AuthorizationHeaderMalformed";
  const std::string payload = call.header("x-amz-content-sha256");
  if (payload != to_hex(sha256(call.sent))) return "XAmzContentSHA256Mismatch";

  const std::string names = parts[4];
  std::string lines, name, last;
  std::istringstream list(names);
  while (std::getline(list, name, ';')) {
    if (name <= last || call.header(name).empty()) return "SignatureDoesNotMatch";
    lines += name + ":" + call.header(name) + "\n";
    last = name;
  }
  for (const auto& [sent, value] : call.headers)  // S3 wants these signed
    if ((sent == "host" || sent.starts_with("x-amz-")) &&
        (";" + names + ";").find(";" + sent + ";") == std::string::npos)
      return "AccessDenied";
  const std::string canonical = call.method + "\n" + call.target + "\n\n" + lines + "\n" + names + "\n" + payload;
  const std::string scope = parts[2].str() + "/" + account.region + "/s3/aws4_request";
  const std::string to_sign = "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + to_hex(sha256(canonical));
  Bytes key = to_bytes("AWS4" + account.secret_key);
  for (const std::string& part : {parts[2].str(), account.region, std::string("s3"), std::string("aws4_request")})
    key = hmac(key, part);
  return to_hex(hmac(key, to_sign)) == parts[5] ? "" : "SignatureDoesNotMatch";
}

}  // namespace tandem::test
