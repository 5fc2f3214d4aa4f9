#include "pods/image/layer_writer.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/image/digest.hpp"

namespace tandem::image {

namespace {

constexpr int compression_level = 3;
constexpr std::size_t chunk_bytes = 1u << 20;

// Takes the tar's bytes: hashes them, compresses them, hashes and writes what comes out.
class BlobSink {
 public:
  explicit BlobSink(const fs::path& path)
      : path_(path.string()),
        file_(open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0644)),
        compressor_(ZSTD_createCCtx()),
        buffer_(ZSTD_CStreamOutSize()) {
    if (!compressor_) throw Error(Fault::environment, "compress", path_, "out of memory");
    ZSTD_CCtx_setParameter(compressor_.get(), ZSTD_c_compressionLevel, compression_level);
    ZSTD_CCtx_setParameter(compressor_.get(), ZSTD_c_checksumFlag, 1);
  }

  void write(std::string_view bytes) {
    plain_.update(bytes);
    compress(bytes, ZSTD_e_continue);
  }

  LayerBlob finish() {
    compress({}, ZSTD_e_end);
    return {packed_.finish(), plain_.finish(), size_};
  }

 private:
  void compress(std::string_view bytes, ZSTD_EndDirective end) {
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer output{buffer_.data(), buffer_.size(), 0};
      const std::size_t left = ZSTD_compressStream2(compressor_.get(), &output, &input, end);
      if (ZSTD_isError(left)) throw Error(Fault::environment, "compress", path_, ZSTD_getErrorName(left));
      const std::string_view packed(buffer_.data(), output.pos);
      packed_.update(packed);
      write_all(file_.get(), packed, path_);
      size_ += packed.size();
      if (end == ZSTD_e_end ? left == 0 : input.pos == input.size) return;
    }
  }

  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  std::string path_;
  unique_fd file_;
  std::unique_ptr<ZSTD_CCtx, Free> compressor_;
  std::vector<char> buffer_;
  Digest plain_, packed_;
  std::uint64_t size_ = 0;
};

// libarchive calls this from C: an exception must not pass through it, so it waits in `failure`.
struct Writing {
  BlobSink& sink;
  std::exception_ptr failure;
};

la_ssize_t write_block(archive*, void* data, const void* bytes, std::size_t size) {
  auto& writing = *static_cast<Writing*>(data);
  try {
    writing.sink.write({static_cast<const char*>(bytes), size});
    return static_cast<la_ssize_t>(size);
  } catch (...) {
    writing.failure = std::current_exception();
    return -1;
  }
}

struct FreeWriter {
  void operator()(archive* a) const { archive_write_free(a); }
};
struct FreeEntry {
  void operator()(archive_entry* e) const { archive_entry_free(e); }
};

class TarWriter {
 public:
  // Names of Linux are bytes. libarchive would have them in the locale's charset, and we have none: past ASCII they are
  // written as they are, and the archive says so (pax(1): hdrcharset).
  TarWriter(BlobSink& sink, std::time_t modified, bool ascii)
      : writing_{sink, nullptr}, modified_(modified), tar_(archive_write_new()) {
    require(archive_write_set_format_pax_restricted(tar_.get()));
    if (!ascii) require(archive_write_set_format_option(tar_.get(), nullptr, "hdrcharset", "BINARY"));
    require(archive_write_set_bytes_per_block(tar_.get(), 0));
    require(archive_write_open(tar_.get(), &writing_, nullptr, write_block, nullptr));
  }

  void add(const std::string& path, const TreeEntry& entry) {
    std::unique_ptr<archive_entry, FreeEntry> header(archive_entry_new());
    // Relative names, and a slash after a directory's, as every other tool writes them.
    archive_entry_set_pathname(header.get(), path.c_str() + 1);
    archive_entry_set_perm(header.get(), entry.mode);
    archive_entry_set_uid(header.get(), entry.uid);
    archive_entry_set_gid(header.get(), entry.gid);
    archive_entry_set_mtime(header.get(), modified_, 0);
    if (!entry.capability.empty())
      archive_entry_xattr_add_entry(header.get(), "security.capability", entry.capability.data(),
                                    entry.capability.size());
    switch (entry.kind) {
      case TreeEntry::Kind::directory:
        archive_entry_set_filetype(header.get(), AE_IFDIR);
        break;
      case TreeEntry::Kind::symlink:
        archive_entry_set_filetype(header.get(), AE_IFLNK);
        archive_entry_set_symlink(header.get(), entry.target.c_str());
        break;
      case TreeEntry::Kind::file:
        add_file(header.get(), entry);
        return;
    }
    require(archive_write_header(tar_.get(), header.get()));
  }

  void close() { require(archive_write_close(tar_.get())); }

 private:
  void add_file(archive_entry* header, const TreeEntry& entry) {
    archive_entry_set_filetype(header, AE_IFREG);
    if (entry.source.empty()) {
      archive_entry_set_size(header, static_cast<la_int64_t>(entry.content.size()));
      require(archive_write_header(tar_.get(), header));
      write(entry.content);
      return;
    }
    const std::string name = entry.source.string();
    const unique_fd file = open_file(entry.source, O_RDONLY);
    struct stat status {};
    check([&] { return ::fstat(file.get(), &status); }, "stat", name);
    archive_entry_set_size(header, status.st_size);
    require(archive_write_header(tar_.get(), header));
    std::vector<char> chunk(chunk_bytes);
    for (off_t left = status.st_size; left > 0;) {
      const ssize_t size = check([&] { return ::read(file.get(), chunk.data(), chunk.size()); }, "read", name);
      if (size == 0 || size > left)
        throw Error(Fault::environment, "read", name, "it changed while it was packed", "pack again");
      write({chunk.data(), static_cast<std::size_t>(size)});
      left -= size;
    }
  }

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const la_ssize_t size = archive_write_data(tar_.get(), bytes.data(), bytes.size());
      require(size > 0 ? ARCHIVE_OK : ARCHIVE_FATAL);
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
  }

  void require(int result) {
    if (result == ARCHIVE_OK) return;
    if (writing_.failure) std::rethrow_exception(writing_.failure);
    const char* cause = archive_error_string(tar_.get());
    throw Error(Fault::environment, "write", "layer", cause ? cause : "libarchive refused");
  }

  Writing writing_;
  std::time_t modified_;
  std::unique_ptr<archive, FreeWriter> tar_;
};

bool is_ascii(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

}  // namespace

LayerBlob write_layer(const Tree& tree, const std::filesystem::path& path, std::time_t modified) {
  BlobSink sink(path);
  const bool ascii = std::all_of(tree.entries().begin(), tree.entries().end(), [](const auto& named) {
    return is_ascii(named.first) && is_ascii(named.second.target);
  });
  TarWriter tar(sink, modified, ascii);
  for (const auto& [name, entry] : tree.entries())
    if (name != "/") tar.add(name, entry);
  tar.close();
  return sink.finish();
}

}  // namespace tandem::image
