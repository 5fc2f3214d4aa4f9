// Who "redis" or "1000:1000" is, by etc/passwd and etc/group of an image; the rules are those of OCI's config.md and of
// runc.
#include <algorithm>
#include <charconv>
#include <string_view>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/image/layer_file.hpp"
#include "pods/image/store.hpp"

namespace tandem::image {

namespace {

std::optional<std::uint32_t> parse_id(std::string_view text) {
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  // 2^32-1 means "no change" to the kernel and is nobody's id.
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || id == UINT32_MAX) return std::nullopt;
  return id;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(separator, start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

struct User {
  std::string name, home;
  std::uint32_t uid = 0, gid = 0;
};
struct Group {
  std::string name;
  std::uint32_t gid = 0;
  std::vector<std::string> members;
};

// passwd(5): name:password:uid:gid:gecos:home:shell. Lines that are none are passed over, as libc does.
std::vector<User> parse_passwd(std::string_view text) {
  std::vector<User> users;
  for (const std::string_view line : split(text, '\n')) {
    const auto fields = split(line, ':');
    if (fields.size() < 4) continue;
    const auto uid = parse_id(fields[2]), gid = parse_id(fields[3]);
    if (!uid || !gid) continue;
    users.push_back({std::string(fields[0]), std::string(fields.size() > 5 ? fields[5] : ""), *uid, *gid});
  }
  return users;
}

// group(5): name:password:gid:member,member
std::vector<Group> parse_group(std::string_view text) {
  std::vector<Group> groups;
  for (const std::string_view line : split(text, '\n')) {
    const auto fields = split(line, ':');
    if (fields.size() < 3) continue;
    const auto gid = parse_id(fields[2]);
    if (!gid) continue;
    Group group{std::string(fields[0]), *gid, {}};
    if (fields.size() > 3)
      for (const auto member : split(fields[3], ',')) group.members.emplace_back(member);
    groups.push_back(std::move(group));
  }
  return groups;
}

[[noreturn]] void unknown(const char* what, std::string_view name, const Image& image, const char* file) {
  throw Error(Fault::input, "find", std::string(what) + " \"" + std::string(name) + "\"",
              "it is not in " + std::string(file) + " of image " + image.reference, "use a number instead");
}

std::string account_file(const Image& image, const std::string& name) {
  if (!image.accounts.empty())
    if (auto text = read_file_if_exists(fs::path(image.accounts) / name)) return std::move(*text);
  return read_layer_file(image.layers, "etc/" + name).value_or("");
}

}  // namespace

UserIds find_user(const Image& image, const std::string& user) {
  const std::size_t colon = user.find(':');
  const std::string user_part = user.substr(0, colon);
  const std::string group_part = colon == user.npos ? "" : user.substr(colon + 1);
  if (colon != user.npos && group_part.empty())
    throw Error(Fault::input, "use user", "\"" + user + "\"", "nothing stands after the colon",
                "write USER or USER:GROUP");

  const auto users = parse_passwd(account_file(image, "passwd"));
  const auto groups = parse_group(account_file(image, "group"));
  UserIds ids;
  const auto number = user_part.empty() ? std::optional<std::uint32_t>(0) : parse_id(user_part);
  // A name that happens to be digits is looked up as a name first, as runc does.
  auto known = std::find_if(users.begin(), users.end(), [&](const User& u) { return u.name == user_part; });
  if ((known == users.end() || user_part.empty()) && number)
    known = std::find_if(users.begin(), users.end(), [&](const User& u) { return u.uid == *number; });
  if (known != users.end()) {
    ids.uid = known->uid;
    ids.gid = known->gid;
    if (!known->home.empty()) ids.home = known->home;
  } else if (number) {
    ids.uid = *number;
  } else {
    unknown("user", user_part, image, "/etc/passwd");
  }
  if (!group_part.empty()) {  // a group that was named stands alone: no supplementary ones
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& g) { return g.name == group_part; });
    const auto gid = group != groups.end() ? std::optional(group->gid) : parse_id(group_part);
    if (!gid) unknown("group", group_part, image, "/etc/group");
    ids.gid = *gid;
  } else if (known != users.end()) {
    for (const Group& group : groups)
      if (group.gid != ids.gid && std::count(group.members.begin(), group.members.end(), known->name))
        ids.groups.push_back(group.gid);
  }
  return ids;
}

}  // namespace tandem::image
