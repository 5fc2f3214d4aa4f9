#include "core/text/base64.hpp"
#include "pods/manifest/decode_metadata.hpp"
#include "pods/manifest/decode_objects.hpp"
#include "pods/manifest/names.hpp"

namespace tandem::manifest {

namespace {

using Data = std::map<std::string, std::string>;

void add_entries(const Fields& object, const char* key, bool is_base64, Data& data) {
  for (auto& [name, value] : object.text_map(key)) {
    const std::string where = below(object.path(key), name);
    if (const auto reason = why_no_object_key(name); !reason.empty()) {
      object.decoding().error(where, "\"" + name + "\" " + reason);
    }
    if (!is_base64) {
      data[name] = value;
      continue;
    }
    auto bytes = decode_base64(value);
    if (!bytes) {
      object.decoding().error(
          where, "is no base64",
          std::string(key) == "data" ? "plain text belongs into stringData" : "plain text belongs into data");
    }
    data[name] = std::move(bytes).value_or("");
  }
}

void check_size(const Fields& object, const Data& data, const Data& more = {}) {
  constexpr std::size_t most_bytes = 1 << 20;
  std::size_t total = 0;
  for (const auto* part : {&data, &more}) {
    for (const auto& [name, value] : *part) total += value.size();
  }
  if (total > most_bytes) object.error("data", "is larger than 1 MiB together");
}

void check_secret_type(const Fields& object, const Secret& secret) {
  static const std::map<std::string, std::vector<std::string>> wanted{
      {"kubernetes.io/tls", {"tls.crt", "tls.key"}},
      {"kubernetes.io/ssh-auth", {"ssh-privatekey"}},
      {"kubernetes.io/dockerconfigjson", {".dockerconfigjson"}},
      {"kubernetes.io/dockercfg", {".dockercfg"}},
  };
  const auto keys = wanted.find(secret.type);
  if (keys == wanted.end()) return;
  for (const std::string& key : keys->second) {
    if (!secret.data.count(key)) {
      object.decoding().error(below("data", key), "is required for a Secret of type " + secret.type);
    }
  }
}

}  // namespace

ConfigMap decode_config_map(const Source& source, const Options& options, Problems& problems) {
  const Decoding decoding{source, problems, options.validation};
  const Fields object(&source.node(), "", decoding);
  ConfigMap out{source, decode_metadata(object, options, why_no_dns_subdomain), {}, {}};
  add_entries(object, "data", false, out.data);
  add_entries(object, "binaryData", true, out.binary_data);
  for (const auto& [key, value] : out.binary_data) {
    if (out.data.count(key)) object.decoding().error(below("binaryData", key), "is a key of data, too");
  }
  check_size(object, out.data, out.binary_data);
  return out;
}

Secret decode_secret(const Source& source, const Options& options, Problems& problems) {
  const Decoding decoding{source, problems, options.validation};
  const Fields object(&source.node(), "", decoding);
  Secret out{source, decode_metadata(object, options, why_no_dns_subdomain), object.text("type", "Opaque"), {}};
  add_entries(object, "data", true, out.data);
  add_entries(object, "stringData", false, out.data);
  check_secret_type(object, out);
  check_size(object, out.data);
  return out;
}

}  // namespace tandem::manifest
