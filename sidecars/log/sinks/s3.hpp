// The keys of the s3 sink as values.
#pragma once

#include <string>

#include "sidecars/log/sinks/aws_credentials.hpp"
#include "sidecars/log/sinks/http_common.hpp"
#include "sidecars/log/sinks/s3_object.hpp"

namespace tandem::shipper {

struct S3Options {
  HttpOptions http;  // headers: all that each object is sent with; url: not used
  net::Url bucket;   // target: the path before the key, ends with /
  std::string region;
  S3Key key;
  std::string source;  // ${source}
  AwsCredentialFiles credentials;
};

const run::ConfigTable& s3_keys();
S3Options read_s3(Reader& item, SinkSettings& sink);

}  // namespace tandem::shipper
