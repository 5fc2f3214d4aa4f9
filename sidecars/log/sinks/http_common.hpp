// What the sinks that POST over HTTP have in common: their keys, credentials, compression, and what an answer means.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/net/http_client.hpp"
#include "core/net/tls.hpp"
#include "core/net/url.hpp"
#include "sidecars/log/sinks/compress.hpp"
#include "sidecars/log/sinks/conceal.hpp"
#include "sidecars/log/sinks/http_auth.hpp"
#include "sidecars/log/sinks/sink.hpp"

namespace tandem::shipper {

struct HttpOptions {
  std::string url;  // what is POSTed to
  std::vector<std::pair<std::string, std::string>> headers;
  Compression compression = Compression::none;
  int level = 0;
  HttpAuth auth;
  net::TlsSettings tls;  // of an https URL
};

// The key `url`. Nullopt: it is missing or wrong, and the reader has the problem.
std::optional<net::Url> read_http_url(Reader& item);
// `path` is the API's: a URL that does not end with it is the base, to which it is added. "" adds nothing.
std::string complete_url(net::Url url, std::string_view path);

// url, headers, tls, basic, bearerTokenFile, compression, compressionLevel, inFlight, timeout, deadLetter.
const run::ConfigTable& http_keys(bool zstd);  // compression by gzip only, or by zstd too
// Reads all of them; inFlight, timeout and deadLetter into `sink`.
HttpOptions read_http(Reader& item, SinkSettings& sink, std::string_view path, bool zstd);
void read_compression(Reader& item, HttpOptions& options, bool zstd);  // compression, compressionLevel alone

// It crosses a co_await: constructors, no aggregate.
class HttpAnswer {
 public:
  HttpAnswer() = default;
  bool answered = false;
  net::Response response;  // with any status, if answered
  Outcome trouble;         // why there is no answer: retry_later
};

net::HttpClientLimits http_limits(const SinkSettings& settings, std::uint64_t answer_bytes);
// Without the secrets, should the other side have said them.
HttpAnswer take_answer(net::HttpResult result, const KnownSecrets& secrets);

// What a request says that nobody else should read: the configured headers, and what its URL's query holds.
void add_secrets(const HttpOptions& options, KnownSecrets& secrets);

// What the status means: judge_http(), but 401 and 403 are tried again: credentials are put right, records are not.
// Not answered: the trouble.
Outcome judge_answer(const HttpAnswer& answer);

class HttpPost {
 public:
  // `answer_bytes` is the longest answer that is taken.
  HttpPost(HttpOptions options, const SinkSettings& settings, asio::io_context& io,
           std::uint64_t answer_bytes = 1 << 20);

  // POSTs `body`, which must outlive the call, with the request's headers, the configured ones, and credentials as they
  // are in their files now. Never throws for the other side's fault, or a file's.
  net::awaitable<HttpAnswer> send(net::Request request, std::string_view body);

 private:
  HttpOptions options_;
  Credentials credentials_;
  Compressor compressor_;
  net::HttpClient client_;
};

}  // namespace tandem::shipper
