#include "pods/manifest/decode_metadata.hpp"

#include "pods/manifest/names.hpp"

namespace tandem::manifest {

namespace {

void check_labels(const Fields& metadata, const Metadata& out) {
  for (const auto& [key, value] : out.labels) {
    const std::string where = below(metadata.path("labels"), key);
    if (const auto reason = why_no_label_key(key); !reason.empty()) {
      metadata.decoding().error(where, "\"" + key + "\" " + reason);
    }
    if (const auto reason = why_no_label_value(value); !reason.empty()) {
      metadata.decoding().error(where, "\"" + value + "\" " + reason);
    }
  }
}

void check_annotations(const Fields& metadata, const Metadata& out) {
  constexpr std::size_t most_bytes = 256 << 10;
  std::size_t total = 0;
  for (const auto& [key, value] : out.annotations) {
    total += key.size() + value.size();
    if (const auto reason = why_no_label_key(key); !reason.empty()) {
      metadata.decoding().error(below(metadata.path("annotations"), key), "\"" + key + "\" " + reason);
    }
  }
  if (total > most_bytes) metadata.error("annotations", "are larger than 256 KiB together");
}

}  // namespace

Metadata decode_metadata(const Fields& object, const Options& options, Fields::Rule name_rule) {
  const Fields metadata = object.object("metadata");
  Metadata out;
  out.name = metadata.required("name", name_rule);
  out.name_space = metadata.text("namespace", why_no_dns_label);
  if (out.name_space.empty()) out.name_space = options.name_space;
  if (options.only && out.name_space != options.name_space) {
    metadata.error("namespace", "\"" + out.name_space + "\" is not the namespace that was asked for, \"" +
                                    options.name_space + "\"");
  }
  out.labels = metadata.text_map("labels");
  out.annotations = metadata.text_map("annotations");
  check_labels(metadata, out);
  check_annotations(metadata, out);
  return out;
}

}  // namespace tandem::manifest
