#include "pods/manifest/decode_pod.hpp"
#include "pods/manifest/names.hpp"

namespace tandem::manifest {

namespace {

std::optional<unsigned> decode_mode(const Fields& fields, const char* key) {
  if (!fields.integer(key)) return std::nullopt;
  const std::int64_t mode = *fields.integer(key);
  if (mode >= 0 && mode <= 0777) return static_cast<unsigned>(mode);
  fields.error(key, std::to_string(mode) + " is no file mode", "from 0 to 0777 (511)");
  return std::nullopt;
}

std::vector<KeyToPath> decode_items(const Fields& source) {
  std::vector<KeyToPath> out;
  source.each("items", [&](const Fields& entry) {
    KeyToPath& file = out.emplace_back();
    file.key = entry.required("key", why_no_object_key);
    file.path = entry.required("path", why_no_relative_path);
    file.mode = decode_mode(entry, "mode");
  });
  return out;
}

void decode_empty_dir(const Fields& source, Volume& out) {
  const std::string medium = source.text("medium");
  if (medium == "Memory") {
    out.kind = Volume::Kind::memory;
  } else if (!medium.empty()) {
    source.error("medium", "\"" + medium + "\" is not supported", "\"\" (disk) or Memory");
  }
  if (const Node* limit = source.node("sizeLimit")) {
    out.size_limit = parse_bytes(limit->text);
    if (out.size_limit && out.size_limit->value < 0) source.error("sizeLimit", "must not be negative");
    if (out.kind == Volume::Kind::empty_dir && out.size_limit && out.size_limit->value > 0) {
      if (source.decoding().validation != Validation::ignore) {
        source.decoding().source.warning(source.decoding().problems, source.path("sizeLimit"),
                                         "is not enforced on disk yet; medium: Memory has a hard limit");
      }
    }
  }
  out.mode = decode_mode(source, "mode").value_or(0777);
}

void decode_host_path(const Fields& source, Volume& out) {
  out.kind = Volume::Kind::host_path;
  out.host_path = source.required("path");
  if (!out.host_path.empty() && !out.host_path.starts_with('/')) source.error("path", "must be an absolute path");
  if (!out.host_path.empty() && !why_no_relative_path(out.host_path.substr(1)).empty() &&
      out.host_path.find("..") != std::string::npos) {
    source.error("path", "must not contain '..'");
  }
  out.host_path_type = source.choice(
      "type", "", {"DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"});
}

void decode_object(const Fields& source, const char* name, Volume::Kind kind, Volume& out) {
  out.kind = kind;
  out.object = source.required(name, why_no_dns_subdomain);
  out.items = decode_items(source);
  out.default_mode = decode_mode(source, "defaultMode").value_or(0644);
  out.optional = source.boolean("optional", false);
}

void decode_downward(const Fields& source, Volume& out) {
  out.kind = Volume::Kind::downward;
  out.default_mode = decode_mode(source, "defaultMode").value_or(0644);
  source.each("items", [&](const Fields& entry) {
    DownwardFile& file = out.downward.emplace_back();
    file.path = entry.required("path", why_no_relative_path);
    file.mode = decode_mode(entry, "mode");
    const bool field = entry.has("fieldRef"), resource = entry.has("resourceFieldRef");
    if (field) file.field = decode_field_ref(entry.object("fieldRef"), true);
    if (resource) file.resource = decode_resource_field_ref(entry.object("resourceFieldRef"), true);
    if (field == resource) {
      entry.decoding().error(entry.path(), field ? "has more than one source" : "has no source",
                             "exactly one of: fieldRef, resourceFieldRef");
    }
  });
}

}  // namespace

Volume decode_volume(const Fields& volume) {
  Volume out;
  out.path = volume.path();
  out.name = volume.required("name", why_no_dns_label);
  int sources = 0;
  if (volume.has("emptyDir")) ++sources, decode_empty_dir(volume.object("emptyDir"), out);
  if (volume.has("hostPath")) ++sources, decode_host_path(volume.object("hostPath"), out);
  if (volume.has("configMap")) {
    ++sources, decode_object(volume.object("configMap"), "name", Volume::Kind::config_map, out);
  }
  if (volume.has("secret")) ++sources, decode_object(volume.object("secret"), "secretName", Volume::Kind::secret, out);
  if (volume.has("downwardAPI")) ++sources, decode_downward(volume.object("downwardAPI"), out);
  if (sources > 1) volume.decoding().error(volume.path(), "has more than one source");
  // A source of a kind that check_fields has only warned about would turn into an empty directory.
  const Node* written = sources == 0 && volume.decoding().validation != Validation::strict
                            ? volume.decoding().source.at(volume.path())
                            : nullptr;
  if (written && written->members.size() > 1) {
    volume.decoding().error(volume.path(), "has no source that Tandem supports",
                            "one of: emptyDir, hostPath, configMap, secret, downwardAPI");
  }
  return out;
}

}  // namespace tandem::manifest
