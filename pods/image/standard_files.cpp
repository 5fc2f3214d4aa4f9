#include "pods/image/standard_files.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/image/root_path.hpp"

namespace tandem::image {

namespace {

constexpr std::uint32_t first_user = 1000, nobody = 65534;
constexpr const char* bundle = "/etc/ssl/certs/ca-certificates.crt";

// base-passwd's static numbers, users whose group is their own.
constexpr struct {
  const char* name;
  std::uint32_t uid;
} debian_users[] = {{"daemon", 1},    {"bin", 2},     {"sys", 3},   {"games", 5}, {"man", 6},
                    {"lp", 7},        {"mail", 8},    {"news", 9},  {"uucp", 10}, {"proxy", 13},
                    {"www-data", 33}, {"backup", 34}, {"list", 38}, {"irc", 39}};

std::optional<std::uint32_t> parse_id(const std::string& text) {
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || id == UINT32_MAX) return std::nullopt;
  return id;
}

bool is_user_name(const std::string& name) {
  return !name.empty() && name.size() <= 32 && name.front() != '-' && (name.front() < '0' || name.front() > '9') &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == name.npos;
}

std::uint32_t debian_id(const std::string& name) {
  for (const auto& user : debian_users)
    if (name == user.name) return user.uid;
  return name == "root" ? 0 : name == "nobody" ? nobody : first_user;
}

std::string certificates(const fs::path& root) {
  constexpr const char* folder = "/usr/share/ca-certificates/mozilla";
  std::string text;
  if (root != "/" && resolve_in_root(root, folder)) {  // the package's script would have made the bundle of these
    for (const std::string& name : list_directory(host_path(root, folder)))
      if (name.ends_with(".crt")) text += read_file(host_path(root, folder) / name) + "\n";
    return text;
  }
  return read_file_if_exists(bundle).value_or("");
}

void add_content_once(Tree& tree, const std::string& path, const std::string& content) {
  if (!tree.has(path)) tree.add_content(path, content);
}

void add_directory_once(Tree& tree, const std::string& path, unsigned mode) {
  if (!tree.has(path)) tree.add_directory(path, mode);
}

}  // namespace

PackUser parse_pack_user(const std::string& text) {
  if (text.empty()) return {};
  const std::size_t colon = text.find(':');
  const std::string name = text.substr(0, colon), group = colon == text.npos ? "" : text.substr(colon + 1);
  const auto refuse = [&](const char* cause) {
    throw Error(Fault::user, "use --user", "\"" + text + "\"", cause, "write NAME, UID or UID:GID");
  };
  PackUser user;
  if (const auto uid = parse_id(name)) {
    user.name = *uid == 0 ? "" : "user";
    user.uid = *uid;
    user.gid = *uid == 0 ? 0 : *uid;
  } else {
    if (!is_user_name(name)) refuse("it is no user's name");
    user.name = name == "root" ? "" : name;
    user.uid = debian_id(name);
    user.gid = user.uid;
  }
  if (colon != text.npos) {
    const auto gid = parse_id(group);
    if (!gid && !is_user_name(group)) refuse("it is no group's name");
    user.gid = gid ? *gid : debian_id(group);
  }
  user.text = std::to_string(user.uid) + ":" + std::to_string(user.gid);
  return user;
}

void add_standard_files(Tree& tree, const PackUser& user, const std::filesystem::path& root) {
  std::string passwd = "root:x:0:0:root:/root:/bin/sh\n", group = "root:x:0:\n";
  if (!user.name.empty() && user.name != "nobody") {
    const std::string uid = std::to_string(user.uid), gid = std::to_string(user.gid);
    passwd += user.name + ":x:" + uid + ":" + gid + "::/:/usr/sbin/nologin\n";
    if (user.gid != 0 && user.gid != nobody) group += user.name + ":x:" + gid + ":\n";
  }
  passwd += "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
  group += "nogroup:x:65534:\n";
  add_content_once(tree, "/etc/passwd", passwd);
  add_content_once(tree, "/etc/group", group);
  add_content_once(tree, "/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\nservices: files\n");
  if (!tree.has(bundle)) {
    const std::string trusted = certificates(root);
    if (!trusted.empty()) {
      tree.add_content(bundle, trusted);
      // Where Debian's OpenSSL looks without hashed names; the package "openssl" would have made the directory.
      if (!tree.has("/usr/lib/ssl/cert.pem")) tree.add_symlink("/usr/lib/ssl/cert.pem", bundle);
    }
  }
  add_directory_once(tree, "/tmp", 01777);
  add_directory_once(tree, "/var/tmp", 01777);
  add_directory_once(tree, "/root", 0700);
  for (const char* path : {"/dev", "/proc", "/sys", "/run", "/usr/bin"}) add_directory_once(tree, path, 0755);
}

}  // namespace tandem::image
