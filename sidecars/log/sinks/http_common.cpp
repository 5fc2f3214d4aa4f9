#include "sidecars/log/sinks/http_common.hpp"

#include <algorithm>

#include "core/net/tls_config.hpp"
#include "sidecars/log/sinks/tls_keys.hpp"

namespace tandem::shipper {
namespace {

run::ConfigTable keys_with(const char* compressions) {
  return with_keys(
      {{"url", "URL", "", "Where batches are POSTed to."},
       {"headers", "map of strings", "", "Further headers.", true},
       {"basic.user", "string", "", "Basic authentication."},
       {"basic.passwordFile", "path", "", "Its password; read again when the file changes."},
       {"bearerTokenFile", "path", "", "A token for Authorization: Bearer; read again when the file changes."},
       {"compression", compressions, "none", "Of bodies (Content-Encoding); zstd: http, otlp and s3 only."},
       {"compressionLevel", "integer", "0", "gzip 1 to 9, zstd 1 to 19; 0: the usual one (6; 3)."}},
      {&tls_keys(), &network_keys, &dead_letter_keys});
}

HttpAuth read_auth(Reader& item) {
  HttpAuth auth;
  Reader basic = item.object("basic");
  auth.user = basic.string("user");
  auth.password_file = basic.string("passwordFile");
  basic.done();
  auth.bearer_token_file = item.string("bearerTokenFile");
  if (auth.user.empty() != auth.password_file.empty())
    item.problem("basic", "needs both user and passwordFile", "a password in the config itself is not offered");
  if (auth.user.find(':') != std::string::npos) item.problem("basic", "the user has a colon in it (RFC 7617)");
  if (!auth.password_file.empty() && !auth.bearer_token_file.empty())
    item.problem("bearerTokenFile", "excludes basic: a request has one Authorization");
  return auth;
}

}  // namespace

void read_compression(Reader& item, HttpOptions& options, bool zstd) {
  std::vector<std::string> choices{"none", "gzip"};
  if (zstd) choices.push_back("zstd");
  const std::string word = item.choice("compression", "none", choices);
  options.compression = word == "gzip" ? Compression::gzip : word == "zstd" ? Compression::zstd : Compression::none;
  options.level = static_cast<int>(item.integer("compressionLevel", 0, 0, word == "zstd" ? 19 : 9));
}

net::HttpClientLimits http_limits(const SinkSettings& settings, std::uint64_t answer_bytes) {
  net::HttpClientLimits limits;
  limits.total = settings.timeout;
  limits.body_bytes = answer_bytes;
  limits.idle_per_host = static_cast<std::size_t>(settings.in_flight);
  return limits;
}

std::optional<net::Url> read_http_url(Reader& item) {
  const std::string text = item.required_string("url");
  std::string why;
  auto url = net::parse_url(text, why);
  if (!text.empty() && !url) item.problem("url", "the URL \"" + text + "\" " + why);
  return url;
}

std::string complete_url(net::Url url, std::string_view path) {
  const auto mark = std::min(url.target.find('?'), url.target.size());
  std::string base = url.target.substr(0, mark);
  if (!path.empty() && !base.ends_with(path)) {
    while (base.ends_with('/')) base.pop_back();
    url.target = base + std::string(path) + url.target.substr(mark);
  }
  return to_string(url);
}

const run::ConfigTable& http_keys(bool zstd) {
  static const run::ConfigTable gzip_only = keys_with("none|gzip"), both = keys_with("none|gzip|zstd");
  return zstd ? both : gzip_only;
}

HttpOptions read_http(Reader& item, SinkSettings& sink, std::string_view path, bool zstd) {
  read_network(item, sink);
  read_dead_letter(item, sink);
  HttpOptions options;
  const auto url = read_http_url(item);
  if (url) options.url = complete_url(*url, path);
  options.tls = net::read_tls(item);
  if (url && url->scheme == "http" && item.has("tls"))
    item.problem("tls", "the URL is http, which has no TLS", "write https://");
  options.headers = item.string_map("headers");
  options.auth = read_auth(item);
  read_compression(item, options, zstd);
  return options;
}

void add_secrets(const HttpOptions& options, KnownSecrets& secrets) {
  for (const auto& [name, value] : options.headers) secrets.add(value);
  const auto query = options.url.find('?');
  for (std::size_t at = query; at < options.url.size(); at = options.url.find('&', at)) {
    const std::string_view parameter = std::string_view(options.url).substr(++at);
    const auto value = parameter.substr(0, parameter.find('&'));
    if (const auto equals = value.find('='); equals != value.npos) secrets.add(value.substr(equals + 1));
  }
}

HttpAnswer take_answer(net::HttpResult result, const KnownSecrets& secrets) {
  HttpAnswer answer;
  answer.answered = result.answered();
  answer.response = std::move(result.response);
  secrets.conceal(answer.response.body);
  if (!answer.answered) {
    secrets.conceal(result.error);
    answer.trouble = Outcome(Verdict::retry_later, result.error);
    answer.trouble.unreachable = !result.timed_out;
  }
  return answer;
}

Outcome judge_answer(const HttpAnswer& answer) {
  if (!answer.answered) return answer.trouble;
  const std::string* after = answer.response.headers.find("Retry-After");
  Outcome outcome = judge_http(answer.response.status, after ? std::string_view(*after) : std::string_view(),
                               answer.response.body, std::chrono::system_clock::now());
  if (answer.response.status == 401 || answer.response.status == 403) outcome.verdict = Verdict::retry_later;
  return outcome;
}

HttpPost::HttpPost(HttpOptions options, const SinkSettings& settings, asio::io_context& io, std::uint64_t answer_bytes)
    : options_(std::move(options)),
      credentials_(options_.auth),
      compressor_(options_.compression, options_.level),
      client_(io, http_limits(settings, answer_bytes), net::make_tls_connector(options_.tls, net::TlsUse::http)) {}

net::awaitable<HttpAnswer> HttpPost::send(net::Request request, std::string_view body) {
  HttpAnswer answer;
  std::string why;
  const auto authorization = credentials_.authorization(why);
  if (!authorization) {
    answer.trouble = Outcome(Verdict::retry_later, why);
    co_return answer;
  }
  request.method = "POST";
  request.headers.set("User-Agent", "tandem-log");
  for (const auto& [name, value] : options_.headers) request.headers.set(name, value);
  if (!authorization->empty()) request.headers.set("Authorization", *authorization);
  Buffer packed;
  if (const char* encoding = content_encoding(compressor_.kind())) {
    compressor_.append(body, packed);
    body = packed.view();
    request.headers.set("Content-Encoding", encoding);
  }
  auto result = co_await client_.send(options_.url, std::move(request), body);
  KnownSecrets secrets;
  add_secrets(options_, secrets);
  secrets.add(*authorization);
  credentials_.add_secret(secrets);
  co_return take_answer(std::move(result), secrets);
}

}  // namespace tandem::shipper
