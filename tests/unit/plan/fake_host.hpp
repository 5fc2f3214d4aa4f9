// A host for plans in tests: a few images, one user database, and the ConfigMaps and Secrets of a manifest.
#pragma once

#include "core/os/error.hpp"
#include "pods/manifest/manifest.hpp"
#include "pods/plan/host.hpp"

namespace tandem::test {

inline image::Image fake_image(const std::string& name) {
  image::Image image;
  image.reference = name;
  image.id = "sha256:" + std::string(64, 'a');
  image.layers = {"/images/layers/base", "/images/layers/" + name.substr(name.rfind('/') + 1)};
  image.entrypoint = {"/usr/bin/entry"};
  image.command = {"--default"};
  image.environment = {"PATH=/opt/bin:/usr/bin", "LANG=C.UTF-8", "FROM_IMAGE=1"};
  image.working_directory = "/srv";
  image.stop_signal = "QUIT";
  image.user = "app";
  return image;
}

// Any image but "missing..."; "bare" has no command, no user and no environment.
inline std::optional<image::Image> find_fake_image(const std::string& name) {
  if (name.starts_with("missing")) return std::nullopt;
  if (name.starts_with("!")) throw Error(Fault::input, "read image name", name, "it is no reference");
  image::Image image = fake_image(name);
  if (name != "bare") return image;
  image::Image bare;
  bare.id = image.id;
  bare.layers = {"/images/layers/bare"};
  return bare;
}

inline image::UserIds find_fake_user(const image::Image&, const std::string& user) {
  const std::string name = user.substr(0, user.find(':'));
  image::UserIds ids;
  if (name == "app") ids = {1000, 1001, {1002}, "/home/app"};
  if (!name.empty() && name.find_first_not_of("0123456789") == std::string::npos) {
    ids.uid = static_cast<std::uint32_t>(std::stoul(name));
    if (ids.uid == 0) ids.home = "/root";
  } else if (!name.empty() && name != "app" && name != "root") {
    throw Error(Fault::input, "find user", name, "the image has no such user");
  }
  if (user.find(':') != std::string::npos) {
    ids.gid = static_cast<std::uint32_t>(std::stoul(user.substr(user.find(':') + 1)));
  }
  return ids;
}

inline plan::Host fake_host(const manifest::Objects& objects) {
  plan::Host host;
  host.uid = "0b4c1f2e-89ab-4000-8000-000000000001";
  host.created = "2026-11-22T10:00:00Z";
  host.node_name = "machine";
  host.address = "192.0.2.4";
  host.cpu = Millicores{4000};
  host.memory = Bytes{8LL << 30};
  host.bridge = "tandem0";
  host.pod_address = "10.83.0.7";
  host.gateway = "10.83.0.1";
  host.prefix_length = 16;
  host.upstream_nameservers = {"192.0.2.53"};
  host.search_domains = {"example.org"};
  host.objects_unread = objects.unread;
  host.find_image = find_fake_image;
  host.find_user = find_fake_user;
  host.find_config_map = [&objects](const std::string& name_space, const std::string& name) {
    for (const auto& map : objects.config_maps) {
      if (map.metadata.name_space == name_space && map.metadata.name == name) return &map;
    }
    return static_cast<const manifest::ConfigMap*>(nullptr);
  };
  host.find_secret = [&objects](const std::string& name_space, const std::string& name) {
    for (const auto& secret : objects.secrets) {
      if (secret.metadata.name_space == name_space && secret.metadata.name == name) return &secret;
    }
    return static_cast<const manifest::Secret*>(nullptr);
  };
  return host;
}

}  // namespace tandem::test
