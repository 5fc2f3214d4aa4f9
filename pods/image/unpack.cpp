#include "pods/image/unpack.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/image/directory_writer.hpp"
#include "pods/image/root_path.hpp"

namespace tandem::image {

namespace {

constexpr std::size_t block_bytes = 1u << 16;
constexpr std::size_t most_entries = 2'000'000;

struct FreeReader {
  void operator()(archive* a) const { archive_read_free(a); }
};
using Reader = std::unique_ptr<archive, FreeReader>;

[[noreturn]] void refuse(const fs::path& file, const std::string& cause) {
  throw Error(Fault::input, "unpack", file.string(), cause,
              "the file may be damaged: remove it and make or load it again");
}

void require(int result, archive* reader, const fs::path& file) {
  if (result == ARCHIVE_OK || result == ARCHIVE_WARN) return;
  const char* cause = archive_error_string(reader);
  refuse(file, cause ? cause : "libarchive refused");
}

Reader open_tar() {
  Reader reader(archive_read_new());
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_filter_xz(reader.get());
  archive_read_support_filter_zstd(reader.get());
  archive_read_support_filter_bzip2(reader.get());
  archive_read_support_format_tar(reader.get());
  archive_read_support_format_gnutar(reader.get());
  return reader;
}

// "./usr/bin/x" -> "/usr/bin/x"; a name with ".." is refused, not repaired.
std::string clean_name(const char* name, const fs::path& file) {
  if (!name) refuse(file, "an entry has a name that is not valid");
  const std::string text = name;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('/', start), text.size());
    if (text.compare(start, end - start, "..") == 0) refuse(file, "the entry \"" + text + "\" points upwards");
    start = end + 1;
  }
  return normal_path("/" + text);
}

std::string capability_of(archive_entry* entry) {
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  archive_entry_xattr_reset(entry);
  while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK)
    if (std::string_view(name) == "security.capability") return {static_cast<const char*>(value), size};
  return "";
}

void copy_data(archive* reader, int to, const NewFile& target, const fs::path& file) {
  const void* block = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0, written = 0;
  for (;;) {
    const int result = archive_read_data_block(reader, &block, &size, &offset);
    if (result == ARCHIVE_EOF) return;
    require(result, reader, file);
    if (offset != written) refuse(file, target.path + " is sparse, which is not supported");
    write_all(to, {static_cast<const char*>(block), size}, target.path);
    written += static_cast<la_int64_t>(size);
  }
}

// True when the name was a whiteout, and is done with.
bool unpack_whiteout(DirectoryWriter& writer, const NewFile& target) {
  const std::size_t slash = target.path.rfind('/');
  const std::string name = target.path.substr(slash + 1);
  const std::string parent = slash == 0 ? "/" : target.path.substr(0, slash);
  if (!name.starts_with(".wh.")) return false;
  if (name == ".wh..wh..opq") {
    writer.make_opaque(parent);
  } else if (!name.starts_with(".wh..wh.")) {  // other such names are aufs' own book-keeping
    NewFile hidden = target;
    hidden.path = (parent == "/" ? "" : parent) + "/" + name.substr(4);
    writer.add_whiteout(hidden);
  }
  return true;
}

void unpack_entry(archive* reader, archive_entry* entry, DirectoryWriter& writer, const NewFile& target,
                  const fs::path& file) {
  if (const char* link = archive_entry_hardlink(entry)) {
    writer.add_hard_link(target, clean_name(link, file));
    return;
  }
  switch (archive_entry_filetype(entry)) {
    case AE_IFDIR:
      writer.add_directory(target);
      break;
    case AE_IFLNK:
      writer.add_symlink(target, archive_entry_symlink(entry) ? archive_entry_symlink(entry) : "");
      break;
    case AE_IFREG: {
      const unique_fd to = writer.create_file(target);
      copy_data(reader, to.get(), target, file);
      writer.finish_file(to.get(), target);
      break;
    }
    case AE_IFCHR:
    case AE_IFBLK:
    case AE_IFIFO:
      writer.add_device(target, archive_entry_filetype(entry), archive_entry_rdevmajor(entry),
                        archive_entry_rdevminor(entry));
      break;
    default:
      refuse(file, target.path + " is of an unknown kind");
  }
}

std::vector<std::string> unpack(archive* reader, const fs::path& file, const fs::path& directory,
                                const UnpackOptions& options) {
  DirectoryWriter writer(directory);
  std::vector<std::string> paths;
  archive_entry* entry = nullptr;
  for (std::size_t count = 0;; ++count) {
    const int result = archive_read_next_header(reader, &entry);
    if (result == ARCHIVE_EOF) break;
    require(result, reader, file);
    if (count >= most_entries) refuse(file, "it has too many entries");
    NewFile target;
    target.path = clean_name(archive_entry_pathname(entry), file);
    if (options.want && !options.want(target.path)) continue;
    target.mode = archive_entry_perm(entry);
    target.uid = static_cast<unsigned>(archive_entry_uid(entry));
    target.gid = static_cast<unsigned>(archive_entry_gid(entry));
    target.modified = archive_entry_mtime(entry);
    target.capability = capability_of(entry);
    if (target.path == "/" && archive_entry_filetype(entry) != AE_IFDIR) refuse(file, "its root is not a directory");
    if (options.whiteouts && unpack_whiteout(writer, target)) continue;
    unpack_entry(reader, entry, writer, target, file);
    paths.push_back(target.path);
  }
  writer.finish();
  return paths;
}

// The member of an outer archive, as the bytes of an inner one.
struct Member {
  archive* outer;
  std::vector<char> buffer = std::vector<char>(block_bytes);
};

la_ssize_t read_member(archive* inner, void* data, const void** bytes) {
  auto& member = *static_cast<Member*>(data);
  *bytes = member.buffer.data();
  const la_ssize_t size = archive_read_data(member.outer, member.buffer.data(), member.buffer.size());
  if (size < 0) archive_set_error(inner, EIO, "%s", archive_error_string(member.outer));
  return size < 0 ? ARCHIVE_FATAL : size;
}

}  // namespace

std::vector<std::string> unpack_layer(const fs::path& blob, const fs::path& directory, const UnpackOptions& options) {
  const Reader reader = open_tar();
  require(archive_read_open_filename(reader.get(), blob.c_str(), block_bytes), reader.get(), blob);
  return unpack(reader.get(), blob, directory, options);
}

std::vector<std::string> unpack_deb(const fs::path& deb, const fs::path& directory, const UnpackOptions& options) {
  const Reader outer(archive_read_new());
  archive_read_support_format_ar(outer.get());
  require(archive_read_open_filename(outer.get(), deb.c_str(), block_bytes), outer.get(), deb);
  archive_entry* entry = nullptr;
  for (;;) {
    const int result = archive_read_next_header(outer.get(), &entry);
    if (result == ARCHIVE_EOF) refuse(deb, "it is no Debian package: it has no data.tar");
    require(result, outer.get(), deb);
    const char* name = archive_entry_pathname(entry);
    if (name && std::string_view(name).starts_with("data.tar")) break;
  }
  Member member{outer.get()};
  const Reader inner = open_tar();
  require(archive_read_open(inner.get(), &member, nullptr, read_member, nullptr), inner.get(), deb);
  return unpack(inner.get(), deb, directory, options);
}

}  // namespace tandem::image
