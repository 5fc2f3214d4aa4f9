// Who we are to AWS and what speaks like it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sidecars/log/sinks/aws_signature.hpp"
#include "sidecars/log/sinks/http_auth.hpp"

namespace tandem::shipper {

struct AwsCredentialFiles {
  std::string access_key, secret_key, session_token;  // paths; "": not given
  std::string profile;                                // of the shared file; "": AWS_PROFILE, else "default"
};

using Environment = std::function<const char*(const char*)>;  // getenv

// The first that is there: the configured files; AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; the
// profile in AWS_SHARED_CREDENTIALS_FILE (absent: ~/.aws/credentials). Files are read again when they have changed.
// Web identities, container and instance metadata are not asked.
class AwsCredentials {
 public:
  AwsCredentials(AwsCredentialFiles files, Environment environment);
  // Nullopt: `why` says what is the matter, and shows no secret.
  std::optional<AwsKeys> read(std::string& why);

 private:
  std::string variable(const char* name) const;
  std::optional<AwsKeys> read_files(std::string& why);
  std::optional<AwsKeys> read_shared(std::string& why);

  AwsCredentialFiles paths_;
  Environment environment_;
  SecretFile access_key_, secret_key_, session_token_;
};

// One profile of a shared credentials file: [NAME] and lines of key = value; # and ; begin comments. Nullopt: `why`
// says what is missing.
std::optional<AwsKeys> parse_aws_profile(std::string_view text, std::string_view profile, std::string& why);

}  // namespace tandem::shipper
