// The name of an object in a bucket. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sidecars/log/encode/text_template.hpp"

namespace tandem::shipper {

// What a prefix may say of where its records come from.
struct S3Place {
  std::string pod, pod_namespace, node, sink, source;
};

// PREFIX BATCH SUFFIX. A function of the batch's id and time, which are on disk before it is sent, and of what does not
// change while a pod lives: a batch that is sent again after a crash gets the name it had.
class S3Key {
 public:
  S3Key() = default;
  // Nullopt: `problem` says what is wrong with the prefix. It may have ${pod}, ${namespace}, ${node}, ${sink},
  // ${source}, and %Y %y %m %d %H %M %j of the batch's time (UTC).
  static std::optional<S3Key> parse(std::string_view prefix, std::string suffix, std::string& problem);
  bool names_source() const { return names_source_; }

  // What is not known of the place is "unknown".
  std::string make(const S3Place& place, const std::string& batch, std::int64_t time_ns) const;

 private:
  TextTemplate prefix_;
  std::string suffix_;
  bool names_source_ = false;
};

// As a path in a URL: all but letters, digits and -._~/ is escaped (RFC 3986), as signatures want it.
std::string escape_path(std::string_view key);

}  // namespace tandem::shipper
