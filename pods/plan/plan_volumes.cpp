#include <algorithm>

#include "pods/plan/expand.hpp"
#include "pods/plan/planning.hpp"

namespace tandem::plan {

namespace {

// "/a//b/./c/" -> "/a/b/c"; a relative path begins at the root, as kubelet has it.
std::string absolute(const std::string& path) {
  std::string out;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string part = path.substr(at, end - at);
    if (!part.empty() && part != ".") out += "/" + part;
    at = end + 1;
  }
  return out.empty() ? "/" : out;
}

// `damaged`: the object has problems of its own, so that a key which is not there may be written all the same.
void add_object_files(const Planning& planning, const manifest::Volume& volume,
                      const std::map<std::string, std::string>& data, bool damaged, Volume& out) {
  if (volume.items.empty()) {
    for (const auto& [key, bytes] : data) out.files.push_back({key, bytes, volume.default_mode});
    return;
  }
  const bool secret = volume.kind == manifest::Volume::Kind::secret;
  for (std::size_t i = 0; i < volume.items.size(); ++i) {
    const manifest::KeyToPath& item = volume.items[i];
    const auto found = data.find(item.key);
    if (found != data.end()) {
      out.files.push_back({item.path, found->second, item.mode.value_or(volume.default_mode)});
    } else if (!volume.optional && !damaged) {
      planning.error(
          manifest::item(volume.path + (secret ? ".secret.items" : ".configMap.items"), i) + ".key",
          std::string(secret ? "Secret" : "ConfigMap") + " \"" + volume.object + "\" has no key \"" + item.key + "\"");
    }
  }
}

void plan_object_volume(const Planning& planning, const manifest::Volume& volume, Volume& out) {
  const bool secret = volume.kind == manifest::Volume::Kind::secret;
  const std::string& name_space = planning.pod.metadata.name_space;
  out.kind = VolumeKind::files;
  out.secret = secret;
  if (secret) {
    if (const auto* object = planning.host.find_secret(name_space, volume.object))
      return add_object_files(planning, volume, object->data, object->source.refused(""), out);
  } else if (const auto* object = planning.host.find_config_map(name_space, volume.object)) {
    std::map<std::string, std::string> data = object->data;
    data.insert(object->binary_data.begin(), object->binary_data.end());
    return add_object_files(planning, volume, data, object->source.refused(""), out);
  }
  if (volume.optional || volume.object.empty()) return;
  planning.no_object(volume.path + (secret ? ".secret.secretName" : ".configMap.name"), secret ? "Secret" : "ConfigMap",
                     volume.object);
}

}  // namespace

Volume plan_volume(const Planning& planning, const manifest::Volume& volume) {
  using Kind = manifest::Volume::Kind;
  Volume out;
  out.name = volume.name;
  out.size_limit = volume.size_limit;
  out.mode = volume.mode;
  switch (volume.kind) {
    case Kind::empty_dir:
      out.kind = VolumeKind::empty_dir;
      break;
    case Kind::memory:
      out.kind = VolumeKind::memory;
      break;
    case Kind::host_path:
      out.kind = VolumeKind::host_path;
      out.source = absolute(volume.host_path);
      out.host_path_type = volume.host_path_type;
      break;
    case Kind::config_map:
    case Kind::secret:
      plan_object_volume(planning, volume, out);
      break;
    case Kind::downward:
      out.kind = VolumeKind::files;
      for (const manifest::DownwardFile& file : volume.downward) {
        std::string text;
        if (file.field) text = pod_field(planning, file.field->field_path).value_or("");
        if (file.resource) text = resource_field(planning, *file.resource, nullptr);
        out.files.push_back({file.path, text, file.mode.value_or(volume.default_mode)});
      }
      break;
  }
  return out;
}

std::vector<Mount> plan_mounts(const Planning& planning, const manifest::Container& container,
                               const DeclaredEnvironment& environment) {
  std::vector<Mount> out;
  for (std::size_t i = 0; i < container.volume_mounts.size(); ++i) {
    const manifest::VolumeMount& mount = container.volume_mounts[i];
    const auto& volumes = planning.pod.spec.volumes;
    const auto volume =
        std::find_if(volumes.begin(), volumes.end(), [&](const auto& v) { return v.name == mount.name; });
    if (volume == volumes.end()) continue;
    using Kind = manifest::Volume::Kind;
    const bool files =
        volume->kind == Kind::config_map || volume->kind == Kind::secret || volume->kind == Kind::downward;
    Mount& entry = out.emplace_back();
    entry.source = mount.name;
    entry.target = absolute(mount.mount_path);
    entry.read_only = mount.read_only || files;
    entry.sub_path = mount.sub_path;
    if (!mount.sub_path_expr.empty()) {
      const Expanded expanded = expand(mount.sub_path_expr, environment.entries);
      const std::string path = manifest::item(container.path + ".volumeMounts", i) + ".subPathExpr";
      entry.sub_path = expanded.text;
      for (const std::string& name : expanded.missing) {
        if (environment.whole) planning.error(path, "there is no variable \"" + name + "\"");
      }
      const bool leaves = ("/" + expanded.text + "/").find("/../") != std::string::npos;
      if (leaves || expanded.text.starts_with('/')) {
        planning.error(path, "\"" + expanded.text + "\" must be relative and without '..'");
      }
    }
  }
  for (const char* name : {"hosts", "hostname", "resolv.conf"}) {
    const std::string target = std::string("/etc/") + name;
    const bool own = std::any_of(out.begin(), out.end(), [&](const Mount& mount) { return mount.target == target; });
    if (!own) out.push_back({MountKind::file, name, "", target, false});
  }
  // Parents come before what is mounted below them.
  const auto depth = [](const Mount& mount) {
    return mount.target == "/" ? 0 : std::count(mount.target.begin(), mount.target.end(), '/');
  };
  std::stable_sort(out.begin(), out.end(), [&](const Mount& a, const Mount& b) { return depth(a) < depth(b); });
  return out;
}

}  // namespace tandem::plan
