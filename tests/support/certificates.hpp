// Certificates for tests, made when they run: no key is in the repository.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/servers.hpp"

namespace tandem::test {

struct CertificateWish {
  std::string name = {};                // the file's name and the subject's CN
  std::vector<std::string> hosts = {};  // subjectAltName: host names and IPv4 addresses
  std::chrono::hours age{1};            // valid since so long ago
  std::chrono::hours life{48};          // for so long from then on
};

struct CertificateFiles {
  std::string certificate, key;  // paths of PEM files
};

// A certificate authority of its own; what it issues lies in `folder`.
class Authority {
 public:
  Authority(fs::path folder, const std::string& name);
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  const std::string& file() const { return file_; }           // its certificate
  CertificateFiles issue(const CertificateWish& wish) const;  // P-256, for servers and clients

 private:
  struct Pair;
  fs::path folder_;
  std::string file_;
  std::unique_ptr<Pair> own_;
};

}  // namespace tandem::test
