#include "sidecars/log/sinks/aws_signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <ctime>

#include "core/os/error.hpp"
#include "core/text/words.hpp"

namespace tandem::shipper {
namespace {

[[noreturn]] void refuse() { throw Error(Fault::environment, "sign a request", "", "libcrypto has no SHA-256"); }

std::string hex(std::string_view bytes) {
  std::string out;
  for (const unsigned char byte : bytes) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

std::string hmac(std::string_view key, std::string_view text) {
  unsigned char sum[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (!::HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
              reinterpret_cast<const unsigned char*>(text.data()), text.size(), sum, &size))
    refuse();
  return {reinterpret_cast<const char*>(sum), size};
}

// Without spaces at its ends, and one where there were several.
std::string canonical_value(std::string_view value) {
  std::string out;
  for (const char c : value) {
    const bool space = c == ' ' || c == '\t';
    if (space && (out.empty() || out.back() == ' ')) continue;
    out += space ? ' ' : c;
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

// Takes what is before the first `separator`, and that itself, from the left.
std::string_view cut(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    std::string_view value = cut(query, '&');
    if (value.empty()) continue;
    const std::string_view name = cut(value, '=');
    parameters.emplace_back(name, value);
  }
  std::sort(parameters.begin(), parameters.end());
  std::string out;
  for (const auto& [name, value] : parameters) out += (out.empty() ? "" : "&") + name + "=" + value;
  return out;
}

struct SignedHeaders {
  std::string lines, names;
  explicit SignedHeaders(const AwsRequest& request) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto& [name, value] : request.headers) all.emplace_back(lower(name), canonical_value(value));
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::string last;
    for (const auto& [name, value] : all) {
      if (name == last) {  // a repeated header is one with its values joined
        lines.back() = ',';
        lines += value + "\n";
        continue;
      }
      lines += name + ":" + value + "\n";
      names += (names.empty() ? "" : ";") + name;
      last = name;
    }
  }
};

std::string scope_of(const std::string& region, const std::string& service, const std::string& time) {
  return time.substr(0, 8) + "/" + region + "/" + service + "/aws4_request";
}

}  // namespace

std::string hex_sha256(std::string_view bytes) {
  unsigned char sum[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (!::EVP_Digest(bytes.data(), bytes.size(), sum, &size, EVP_sha256(), nullptr)) refuse();
  return hex({reinterpret_cast<const char*>(sum), size});
}

std::string aws_time(std::int64_t epoch_ns) {
  const auto seconds = static_cast<std::time_t>(epoch_ns / 1'000'000'000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts)};
}

std::string canonical_request(const AwsRequest& request) {
  const SignedHeaders headers(request);
  return request.method + "\n" + request.path + "\n" + canonical_query(request.query) + "\n" + headers.lines + "\n" +
         headers.names + "\n" + request.payload_hash;
}

std::string aws_signature(const AwsRequest& request, const AwsKeys& keys, const std::string& region,
                          const std::string& service, const std::string& time) {
  const std::string text = "AWS4-HMAC-SHA256\n" + time + "\n" + scope_of(region, service, time) + "\n" +
                           hex_sha256(canonical_request(request));
  const std::string day = hmac("AWS4" + keys.secret_key, time.substr(0, 8));
  return hex(hmac(hmac(hmac(hmac(day, region), service), "aws4_request"), text));
}

std::string aws_authorization(const AwsRequest& request, const AwsKeys& keys, const std::string& region,
                              const std::string& service, const std::string& time) {
  return "AWS4-HMAC-SHA256 Credential=" + keys.access_key + "/" + scope_of(region, service, time) +
         ", SignedHeaders=" + SignedHeaders(request).names +
         ", Signature=" + aws_signature(request, keys, region, service, time);
}

}  // namespace tandem::shipper
