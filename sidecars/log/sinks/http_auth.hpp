// Who we are to an HTTP server: secrets from files, which others replace while we run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sidecars/log/sinks/conceal.hpp"

namespace tandem::shipper {

// The content of a file, without white space at its ends; read again when the file has changed (a Kubernetes volume
// replaces it through a symbolic link). Never shown: its problems name the path only.
class SecretFile {
 public:
  explicit SecretFile(std::string path) : path_(std::move(path)) {}
  // Nullopt: `why` says what is the matter; empty, larger than 64 KiB and control characters inside are refused.
  std::optional<std::string_view> read(std::string& why);
  std::string_view last() const { return content_; }  // that was read; empty: none

 private:
  std::string path_, content_;
  std::uint64_t inode_ = 0;
  std::int64_t size_ = -1, changed_ns_ = 0;
};

struct HttpAuth {
  std::string user, password_file;  // RFC 7617
  std::string bearer_token_file;    // RFC 6750
};

class Credentials {
 public:
  explicit Credentials(HttpAuth auth);
  // The value of the header Authorization, "" for none. Nullopt: `why` says what is the matter.
  std::optional<std::string> authorization(std::string& why);
  void add_secret(KnownSecrets& secrets) const { secrets.add(file_.last()); }

 private:
  HttpAuth auth_;
  SecretFile file_;
};

}  // namespace tandem::shipper
