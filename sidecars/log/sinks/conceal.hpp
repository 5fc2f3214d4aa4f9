// Our secrets out of what the other side says: an error page may show the request it is about.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tandem::shipper {

class KnownSecrets {
 public:
  // What there is to find: as it is, and each word of it with eight bytes or more ("Bearer TOKEN"). Less than four
  // bytes are no secret: they would be found everywhere.
  void add(std::string_view secret);
  // `text` with "***" in their place, the longest first.
  void conceal(std::string& text) const;

 private:
  std::vector<std::string> all_;  // the longest first
};

}  // namespace tandem::shipper
