#include "pods/image/pack.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>

#include "core/os/error.hpp"
#include "pods/image/closure.hpp"
#include "pods/image/root_path.hpp"
#include "pods/image/standard_files.hpp"

namespace tandem::image {

namespace {

constexpr const char* program_directories[] = {"/usr/bin",       "/usr/sbin",       "/bin",      "/sbin",
                                               "/usr/local/bin", "/usr/local/sbin", "/usr/games"};

bool is_program_directory(const std::string& directory) {
  return std::count(std::begin(program_directories), std::end(program_directories), directory) > 0;
}

std::string directory_of(const std::string& path) { return fs::path(path).parent_path().string(); }

unsigned parse_mode(const std::string& text, const std::string& whole) {
  unsigned mode = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || mode > 07777)
    throw Error(Fault::user, "use", "\"" + whole + "\"", "\"" + text + "\" is no mode", "write it in octal: 0644");
  return mode;
}

std::string absolute_inside(const std::string& path, const std::string& whole) {
  if (!path.starts_with('/'))
    throw Error(Fault::user, "use", "\"" + whole + "\"", "\"" + path + "\" is not absolute",
                "paths in the image begin with /");
  return normal_path(path);
}

// A program as the user named it -> its path inside the root.
std::string find_program(const std::string& name, const fs::path& root, const PackRequest& request) {
  if (name.find('/') != name.npos) {
    const std::string path = root == "/" ? fs::absolute(name).string() : absolute_inside(name, name);
    if (resolve_in_root(root, path)) return normal_path(path);
  } else {
    for (const std::string directory : program_directories)
      if (resolve_in_root(root, directory + "/" + name)) return directory + "/" + name;
  }
  std::string packages;
  for (const std::string& package : request.packages) packages += " " + package;
  throw Error(Fault::input, "pack program", name,
              !packages.empty() ? "the packages" + packages + " and what they depend on do not have it"
                                : "it is not in " + root.string(),
              !packages.empty() ? "name the package that has it" : "check the path, or build it first");
}

// From the host, a program that lies anywhere else than where programs lie goes to /usr/bin.
std::string add_program(const std::string& path, const fs::path& root, Tree& tree) {
  if (root != "/" || is_program_directory(directory_of(path))) {
    tree.add_from(root, path);
    return path;
  }
  const std::string place = "/usr/bin/" + fs::path(path).filename().string();
  if (!fs::is_regular_file(path)) throw Error(Fault::input, "pack program", path, "it is not a file");
  tree.add_file(place, path, 0755);
  return place;
}

// The files of the packages the user named, whole: without documentation, and without programs nobody asked for.
void add_package_files(const fs::path& root, const std::vector<std::string>& paths,
                       const std::vector<std::string>& programs, Tree& tree, Closure& closure) {
  for (const std::string& path : paths) {
    // Of a merged /usr: in the package a directory, here a symlink that the tree has already.
    if (path == "/bin" || path == "/sbin" || path == "/lib" || path == "/lib64") continue;
    const auto resolved = resolve_in_root(root, path);
    if (!resolved) continue;  // a link to what a script or another package would have made
    const bool is_program = is_program_directory(directory_of(path));
    const auto named = [&](const std::string& program) {
      const auto other = resolve_in_root(root, program);
      return other && other->path == resolved->path;
    };
    if (is_program && !programs.empty() && std::none_of(programs.begin(), programs.end(), named)) continue;
    const fs::path on_host = host_path(root, resolved->path);
    // A link to a directory of another package brings the directory.
    if (!resolved->symlinks.empty() && resolved->symlinks.back().first == path && fs::is_directory(on_host))
      tree.add_tree_from(root, path);
    else
      tree.add_from(root, path);
    if (fs::is_regular_file(on_host)) closure.add_needs_of(path, Closure::Scripts::if_possible);
  }
}

}  // namespace

ExtraFile parse_extra_file(const std::string& text) {
  const std::size_t first = text.find(':');
  if (first == text.npos || first == 0)
    throw Error(Fault::user, "use --file", "\"" + text + "\"", "it is not SRC:DST[:MODE]");
  const std::size_t second = text.find(':', first + 1);
  ExtraFile file;
  file.source = text.substr(0, first);
  file.path = absolute_inside(text.substr(first + 1, second == text.npos ? second : second - first - 1), text);
  if (second != text.npos) file.mode = parse_mode(text.substr(second + 1), text);
  return file;
}

ExtraDirectory parse_extra_directory(const std::string& text) {
  const std::size_t colon = text.find(':');
  ExtraDirectory directory{absolute_inside(text.substr(0, colon), text)};
  if (colon != text.npos) directory.mode = parse_mode(text.substr(colon + 1), text);
  return directory;
}

ExtraLink parse_extra_link(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos || colon + 1 == text.size())
    throw Error(Fault::user, "use --link", "\"" + text + "\"", "it is not PATH:TARGET");
  return {absolute_inside(text.substr(0, colon), text), text.substr(colon + 1)};
}

PackedFiles plan_files(const PackRequest& request, const fs::path& root,
                       const std::map<std::string, std::vector<std::string>>& package_paths) {
  PackedFiles packed;
  Tree& tree = packed.tree;
  tree.add_directory("/");
  for (const std::string name : {"bin", "sbin", "lib", "lib64"})
    if (fs::is_symlink(host_path(root, "/" + name))) {
      tree.add_symlink("/" + name, fs::read_symlink(host_path(root, "/" + name)).string());
      tree.add_directory("/usr/" + name);
    }
  Closure closure(root, tree);
  std::vector<std::string> programs;
  for (const std::string& name : request.programs) programs.push_back(find_program(name, root, request));

  const bool everything = request.whole || (root != "/" && request.packages.empty() && programs.empty());
  if (everything) tree.add_tree_from(root, "/");
  if (!everything)
    for (const std::string& package : request.packages)
      if (const auto found = package_paths.find(package.substr(0, package.find(':'))); found != package_paths.end())
        add_package_files(root, found->second, programs, tree, closure);
  for (const std::string& program : programs) {
    packed.programs.push_back(add_program(program, root, tree));
    closure.add_needs_of(program, Closure::Scripts::required);
  }
  for (const std::string& library : request.libraries) closure.add_library(library);
  for (const std::string& path : request.without) tree.remove(absolute_inside(path, path));

  for (const ExtraFile& file : request.files) {
    struct stat status {};
    if (::stat(file.source.c_str(), &status) != 0) throw Error::from_errno("add --file", file.source.string(), errno);
    if (!S_ISREG(status.st_mode)) throw Error(Fault::input, "add --file", file.source.string(), "it is not a file");
    tree.add_file(file.path, fs::absolute(file.source), file.mode.value_or(status.st_mode & 0111 ? 0755 : 0644));
  }
  for (const ExtraLink& link : request.links) tree.add_symlink(link.path, link.target);
  const bool has_users = tree.has("/etc/passwd");
  const PackUser user = parse_pack_user(request.user);
  packed.user = has_users ? request.user : user.text;
  for (const ExtraDirectory& directory : request.directories)
    tree.add_directory(directory.path, directory.mode, user.uid, user.gid);
  add_standard_files(tree, user, root);
  return packed;
}

}  // namespace tandem::image
