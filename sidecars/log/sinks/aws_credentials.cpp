#include "sidecars/log/sinks/aws_credentials.hpp"

#include <algorithm>

#include "core/os/error.hpp"
#include "core/os/files.hpp"

namespace tandem::shipper {
namespace {

constexpr std::size_t longest_file = 1 << 20;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// It goes into a header.
bool is_clean(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

std::optional<AwsKeys> parse_aws_profile(std::string_view text, std::string_view profile, std::string& why) {
  AwsKeys keys;
  bool found = false, inside = false;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      inside = line.ends_with(']') && trimmed(line.substr(1, line.size() - 2)) == profile;
      found = found || inside;
      continue;
    }
    const auto equals = line.find('=');
    if (!inside || equals == std::string_view::npos) continue;
    const auto key = trimmed(line.substr(0, equals));
    const std::string value(trimmed(line.substr(equals + 1)));
    if (key == "aws_access_key_id") keys.access_key = value;
    if (key == "aws_secret_access_key") keys.secret_key = value;
    if (key == "aws_session_token") keys.session_token = value;
  }
  if (!found) {
    why = "has no profile [" + std::string(profile) + "]";
  } else if (keys.access_key.empty() || keys.secret_key.empty()) {
    why = "has no aws_access_key_id and aws_secret_access_key in [" + std::string(profile) + "]";
  } else if (!is_clean(keys.access_key) || !is_clean(keys.secret_key) || !is_clean(keys.session_token)) {
    why = "has a key in [" + std::string(profile) + "] that no key can be: spaces or control characters";
  } else {
    return keys;
  }
  return std::nullopt;
}

AwsCredentials::AwsCredentials(AwsCredentialFiles files, Environment environment)
    : paths_(std::move(files)),
      environment_(std::move(environment)),
      access_key_(paths_.access_key),
      secret_key_(paths_.secret_key),
      session_token_(paths_.session_token) {}

std::string AwsCredentials::variable(const char* name) const {
  const char* const value = environment_(name);
  return value ? std::string(trimmed(value)) : std::string();
}

std::optional<AwsKeys> AwsCredentials::read(std::string& why) {
  if (!paths_.access_key.empty()) return read_files(why);
  AwsKeys keys{variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"), variable("AWS_SESSION_TOKEN")};
  if (paths_.profile.empty() && !keys.access_key.empty() && !keys.secret_key.empty()) {
    if (is_clean(keys.access_key + keys.secret_key + keys.session_token)) return keys;
    why = "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_SESSION_TOKEN has spaces or control characters in it";
    return std::nullopt;
  }
  return read_shared(why);
}

std::optional<AwsKeys> AwsCredentials::read_files(std::string& why) {
  AwsKeys keys;
  const auto access_key = access_key_.read(why);
  if (!access_key) return std::nullopt;
  keys.access_key = *access_key;
  const auto secret_key = secret_key_.read(why);
  if (!secret_key) return std::nullopt;
  keys.secret_key = *secret_key;
  if (!paths_.session_token.empty()) {
    const auto token = session_token_.read(why);
    if (!token) return std::nullopt;
    keys.session_token = *token;
  }
  return keys;
}

std::optional<AwsKeys> AwsCredentials::read_shared(std::string& why) {
  std::string path = variable("AWS_SHARED_CREDENTIALS_FILE");
  const bool named = !path.empty();
  if (!named && !variable("HOME").empty()) path = variable("HOME") + "/.aws/credentials";
  std::string profile = paths_.profile.empty() ? variable("AWS_PROFILE") : paths_.profile;
  if (profile.empty()) profile = "default";
  try {
    const auto text = path.empty() ? std::nullopt : read_file_if_exists(path, longest_file);
    if (text) {
      std::string problem;
      auto keys = parse_aws_profile(*text, profile, problem);
      if (!keys) why = path + " " + problem;
      return keys;
    }
  } catch (const Error& error) {
    why = error.what();
    return std::nullopt;
  }
  why = named
            ? "AWS_SHARED_CREDENTIALS_FILE: there is no " + path
            : "there are no AWS credentials: set credentials.accessKeyFile and secretKeyFile, or AWS_ACCESS_KEY_ID and "
              "AWS_SECRET_ACCESS_KEY, or AWS_SHARED_CREDENTIALS_FILE";
  if (!variable("AWS_WEB_IDENTITY_TOKEN_FILE").empty() || !variable("AWS_CONTAINER_CREDENTIALS_FULL_URI").empty())
    why += " (this pod has a web or pod identity, which tandem-log cannot use)";
  return std::nullopt;
}

}  // namespace tandem::shipper
