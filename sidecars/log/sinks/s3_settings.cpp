#include <algorithm>
#include <cstdlib>

#include "core/net/tls_config.hpp"
#include "sidecars/log/sinks/s3.hpp"
#include "sidecars/log/sinks/tls_keys.hpp"

namespace tandem::shipper {
namespace {

bool is_one_of(std::string_view text, std::string_view letters) {
  return text.find_first_not_of(letters) == std::string_view::npos;
}

constexpr std::string_view lower_letters = "abcdefghijklmnopqrstuvwxyz", upper_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                           digits = "0123456789";

bool is_bucket_name(const std::string& name) {
  const std::string letters = std::string(lower_letters) + std::string(upper_letters) + std::string(digits);
  return name.size() >= 3 && name.size() <= 255 && is_one_of(name, letters + "-._") &&
         is_one_of(name.substr(0, 1) + name.back(), letters);
}

bool is_aws(std::string_view host) { return host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn"); }

// "eu-central-1" of s3.eu-central-1.amazonaws.com; "" of other hosts.
std::string region_of(const std::string& host) {
  const auto begin = host.rfind("s3.", 0) == 0 ? 3 : host.find(".s3.") + 4;
  if (!is_aws(host) || (begin != 3 && host.find(".s3.") == std::string::npos)) return "";
  const auto end = host.find('.', begin);
  const std::string word = host.substr(begin, end - begin);
  return word == "amazonaws"   ? "us-east-1"
         : word == "dualstack" ? host.substr(end + 1, host.find('.', end + 1) - end - 1)
                               : word;
}

net::Url read_endpoint(Reader& item, S3Options& options) {
  const std::string text = item.string("endpoint");
  options.region = item.string("region");
  std::string why;
  std::optional<net::Url> url;
  if (!text.empty()) {
    url = net::parse_url(text, why);
    if (!url) item.problem("endpoint", "the URL \"" + text + "\" " + why);
    if (url && url->target.find('?') != std::string::npos) item.problem("endpoint", "has a query");
    if (url && options.region.empty()) options.region = region_of(url->host);
  }
  if (const char* const region = std::getenv("AWS_REGION"); region && options.region.empty()) options.region = region;
  if (text.empty() && options.region.empty())
    item.problem("region", "is required without an endpoint", "region: eu-central-1, or endpoint: http://minio:9000");
  if (options.region.empty()) options.region = "us-east-1";  // what others take who have no regions
  if (!is_one_of(options.region, std::string(lower_letters) + std::string(upper_letters) + std::string(digits) + "-_"))
    item.problem("region", "\"" + options.region + "\" is no region's name");
  if (text.empty()) {
    const bool china = options.region.starts_with("cn-");
    url = net::parse_url("https://s3." + options.region + ".amazonaws.com" + (china ? ".cn" : ""), why);
  }
  return url.value_or(net::Url{"http", "none", 80, "/"});
}

void read_bucket(Reader& item, S3Options& options) {
  net::Url url = read_endpoint(item, options);
  const std::string bucket = item.required_string("bucket");
  const bool by_path = item.boolean("pathStyle", !is_aws(url.host));
  if (!bucket.empty() && !is_bucket_name(bucket)) {
    item.problem("bucket", "\"" + bucket + "\" is no bucket's name: 3 or more letters, digits, - and .");
  } else if (is_aws(url.host) && url.host.starts_with(bucket + ".")) {
    item.problem("endpoint", "has the bucket in it", "https://" + url.host.substr(bucket.size() + 1));
  } else if (!by_path && url.scheme == "https" && bucket.find('.') != std::string::npos) {
    item.problem("bucket", "has a dot in it: no certificate is for " + bucket + "." + url.host, "pathStyle: true");
  } else if (!by_path &&
             (!is_one_of(bucket, std::string(lower_letters) + std::string(digits) + "-.") || bucket.size() > 63)) {
    item.problem("bucket", "\"" + bucket + "\" cannot be part of a host's name", "pathStyle: true");
  }
  if (!url.target.ends_with('/')) url.target += '/';
  if (by_path) {
    url.target += bucket + "/";
  } else {
    url.host = bucket + "." + url.host;
  }
  options.http.tls = net::read_tls(item);
  if (url.scheme == "http" && item.has("tls"))
    item.problem("tls", "the endpoint is http, which has no TLS", "write https://");
  options.bucket = std::move(url);
}

void read_key(Reader& item, const SinkSettings& sink, S3Options& options) {
  std::string suffix = sink.format == Format::json ? ".ndjson" : ".log";
  if (options.http.compression == Compression::gzip) suffix += ".gz";
  if (options.http.compression == Compression::zstd) suffix += ".zst";
  const std::string prefix = item.string("prefix", "%Y/%m/%d/");
  std::string problem;
  const auto key = S3Key::parse(prefix, suffix, problem);
  if (!key) {
    item.problem("prefix", "\"" + prefix + "\" " + problem);
    return;
  }
  const auto from = item.strings("from");
  if (from.size() == 1) options.source = from.front();
  if (key->names_source() && from.size() != 1)
    item.problem("prefix", "has ${source}, but an object may have records of several sources",
                 "one sink for each source, with from: [SOURCE]");
  options.key = *key;
}

void read_headers(Reader& item, const SinkSettings& sink, S3Options& options) {
  auto& headers = options.http.headers;
  headers.emplace_back("Content-Type",
                       sink.format == Format::json ? "application/x-ndjson" : "text/plain; charset=utf-8");
  if (const char* const encoding = content_encoding(options.http.compression))
    headers.emplace_back("Content-Encoding", encoding);
  const std::string storage = item.string("storageClass");
  if (!is_one_of(storage, std::string(upper_letters) + std::string(digits) + "_"))
    item.problem("storageClass", "\"" + storage + "\" is no storage class", "e.g. STANDARD_IA");
  if (!storage.empty()) headers.emplace_back("X-Amz-Storage-Class", storage);
  const std::string encryption = item.choice("serverSideEncryption", "none", {"none", "AES256", "aws:kms"});
  if (encryption != "none") headers.emplace_back("X-Amz-Server-Side-Encryption", encryption);
  const std::string kms_key = item.string("kmsKeyId");
  if (!kms_key.empty() && encryption != "aws:kms") item.problem("kmsKeyId", "is of serverSideEncryption: aws:kms");
  if (!kms_key.empty()) headers.emplace_back("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", kms_key);
  for (const auto& [name, value] : item.string_map("headers")) {
    std::string lower = name;
    for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    for (const char* const ours : {"authorization", "host", "content-length", "if-none-match", "user-agent",
                                   "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"})
      if (lower == ours) item.problem("headers", "\"" + name + "\" is set by tandem-log");
    headers.emplace_back(name, value);
  }
}

AwsCredentialFiles read_credentials(Reader& item) {
  Reader credentials = item.object("credentials");
  AwsCredentialFiles files;
  files.access_key = credentials.string("accessKeyFile");
  files.secret_key = credentials.string("secretKeyFile");
  files.session_token = credentials.string("sessionTokenFile");
  files.profile = credentials.string("profile");
  credentials.done();
  if (files.access_key.empty() != files.secret_key.empty())
    item.problem("credentials", "needs both accessKeyFile and secretKeyFile");
  if (!files.session_token.empty() && files.access_key.empty())
    item.problem("credentials", "sessionTokenFile goes with accessKeyFile and secretKeyFile");
  if (!files.profile.empty() && !files.access_key.empty())
    item.problem("credentials", "profile excludes accessKeyFile: a profile has its own keys");
  return files;
}

}  // namespace

const run::ConfigTable& s3_keys() {
  static const run::ConfigTable keys = with_keys(
      {{"endpoint", "URL", "", "Where the storage is; absent: AWS in that region."},
       {"bucket", "string", "", "The bucket."},
       {"region", "string", "", "Absent: the endpoint's, AWS_REGION, or us-east-1."},
       {"pathStyle", "boolean", "", "The bucket is in the path, not in the host's name; absent: true but for AWS."},
       {"prefix", "string", "%Y/%m/%d/",
        "What keys begin with; may have ${pod} ${namespace} ${node} ${sink} ${source}, and %Y %y %m %d %H %M %j of the "
        "batch's time (UTC)."},
       {"compression", "none|gzip|zstd", "none", "Of objects: .gz or .zst, and Content-Encoding."},
       {"compressionLevel", "integer", "0", "gzip 1 to 9, zstd 1 to 19; 0: the usual one (6; 3)."},
       {"storageClass", "string", "", "X-Amz-Storage-Class: STANDARD_IA, GLACIER_IR, ..."},
       {"serverSideEncryption", "none|AES256|aws:kms", "none", "X-Amz-Server-Side-Encryption."},
       {"kmsKeyId", "string", "", "The key of aws:kms; absent: the bucket's or the account's."},
       {"headers", "map of strings", "", "Further headers.", true},
       {"credentials.accessKeyFile", "path", "",
        "The access key's id; read again when the file changes. Absent: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
        "or a profile in AWS_SHARED_CREDENTIALS_FILE."},
       {"credentials.secretKeyFile", "path", "", "The secret key."},
       {"credentials.sessionTokenFile", "path", "", "The session's token, of temporary keys."},
       {"credentials.profile", "string", "",
        "A profile of AWS_SHARED_CREDENTIALS_FILE; absent: AWS_PROFILE, default."}},
      {&format_keys, &tls_keys(), &network_keys, &dead_letter_keys});
  return keys;
}

S3Options read_s3(Reader& item, SinkSettings& sink) {
  S3Options options;
  read_format(item, sink);
  read_network(item, sink);
  read_dead_letter(item, sink);
  read_bucket(item, options);
  read_compression(item, options.http, true);
  read_key(item, sink, options);
  read_headers(item, sink, options);
  options.credentials = read_credentials(item);
  return options;
}

}  // namespace tandem::shipper
