#include "pods/image/elf.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "core/os/error.hpp"

namespace tandem::image {

namespace {

// Limits far above any real file: a crafted one must not cost memory or time.
constexpr std::size_t most_headers = 4096, most_dynamic_entries = 16384, longest_string = 4096, most_directories = 256;

struct Elf32 {
  using Header = Elf32_Ehdr;
  using Segment = Elf32_Phdr;
  using Dynamic = Elf32_Dyn;
};
struct Elf64 {
  using Header = Elf64_Ehdr;
  using Segment = Elf64_Phdr;
  using Dynamic = Elf64_Dyn;
};

template <class Layout>
class Parser {
 public:
  Parser(std::string_view bytes, const std::string& object) : bytes_(bytes), object_(object) {}

  Elf parse() {
    const auto header = at<typename Layout::Header>(0, "its header");
    Elf elf;
    elf.is_64_bit = sizeof(header) == sizeof(Elf64_Ehdr);
    elf.machine = header.e_machine;
    if (header.e_phnum == 0) return elf;
    if (header.e_phentsize != sizeof(typename Layout::Segment)) refuse("its program headers have an unknown size");
    if (header.e_phnum > most_headers) refuse("it has too many program headers");
    for (std::size_t i = 0; i < header.e_phnum; ++i)
      segments_.push_back(
          at<typename Layout::Segment>(header.e_phoff + i * sizeof(typename Layout::Segment), "its program headers"));
    for (const auto& segment : segments_) {
      if (segment.p_type == PT_INTERP)
        elf.interpreter = text(segment.p_offset, segment.p_filesz, "its interpreter's name");
      if (segment.p_type == PT_DYNAMIC) read_dynamic(segment, elf);
    }
    return elf;
  }

 private:
  [[noreturn]] void refuse(const std::string& cause) const {
    throw Error(Fault::input, "read ELF file", object_, cause, "the file is damaged or no program for Linux");
  }

  template <class T>
  T at(std::uint64_t offset, const char* what) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) refuse(std::string(what) + " lies past its end");
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }

  // A NUL-terminated text within [offset, offset + size).
  std::string text(std::uint64_t offset, std::uint64_t size, const char* what) const {
    if (offset >= bytes_.size()) refuse(std::string(what) + " lies past its end");
    const std::string_view rest =
        bytes_.substr(offset, std::min<std::uint64_t>({size, bytes_.size() - offset, longest_string}));
    const std::size_t end = rest.find('\0');
    if (end == rest.npos) refuse(std::string(what) + " has no end");
    return std::string(rest.substr(0, end));
  }

  // Where a virtual address lies in the file.
  std::optional<std::uint64_t> file_offset(std::uint64_t address) const {
    for (const auto& segment : segments_)
      if (segment.p_type == PT_LOAD && address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz)
        return segment.p_offset + (address - segment.p_vaddr);
    return std::nullopt;
  }

  void read_dynamic(const typename Layout::Segment& segment, Elf& elf) {
    using Dynamic = typename Layout::Dynamic;
    const std::uint64_t count = segment.p_filesz / sizeof(Dynamic);
    if (count > most_dynamic_entries) refuse("its dynamic section is too large");
    std::vector<Dynamic> entries;
    std::uint64_t strings_address = 0, strings_size = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      const Dynamic entry = at<Dynamic>(segment.p_offset + i * sizeof(Dynamic), "its dynamic section");
      if (entry.d_tag == DT_NULL) break;
      if (entry.d_tag == DT_STRTAB) strings_address = entry.d_un.d_ptr;
      if (entry.d_tag == DT_STRSZ) strings_size = entry.d_un.d_val;
      entries.push_back(entry);
    }
    if (entries.empty()) return;
    const auto strings = file_offset(strings_address);
    const auto name = [&](const Dynamic& entry) {
      if (!strings) refuse("its dynamic string table lies outside the file");
      if (entry.d_un.d_val >= strings_size) refuse("a dynamic string lies outside its table");
      return text(*strings + entry.d_un.d_val, strings_size - entry.d_un.d_val, "a dynamic string");
    };
    for (const Dynamic& entry : entries) {
      if (entry.d_tag == DT_NEEDED) elf.needed.push_back(name(entry));
      if (entry.d_tag == DT_SONAME) elf.soname = name(entry);
      if (entry.d_tag == DT_RPATH) elf.rpath = split(name(entry));
      if (entry.d_tag == DT_RUNPATH) elf.runpath = split(name(entry));
    }
  }

  static std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> directories;
    for (std::size_t start = 0; start <= list.size() && directories.size() < most_directories;) {
      const std::size_t end = std::min(list.find(':', start), list.size());
      if (end > start) directories.push_back(list.substr(start, end - start));
      start = end + 1;
    }
    return directories;
  }

  std::string_view bytes_;
  const std::string& object_;
  std::vector<typename Layout::Segment> segments_;
};

}  // namespace

bool looks_like_elf(std::string_view bytes) { return bytes.starts_with(std::string_view(ELFMAG, SELFMAG)); }

Elf parse_elf(std::string_view bytes, const std::string& object) {
  const auto refuse = [&](const char* cause) {
    throw Error(Fault::input, "read ELF file", object, cause, "only programs for this kind of machine can be packed");
  };
  if (!looks_like_elf(bytes) || bytes.size() < EI_NIDENT) refuse("it is not an ELF file");
  if (bytes[EI_DATA] != ELFDATA2LSB) refuse("it is big-endian");
  if (bytes[EI_CLASS] == ELFCLASS64) return Parser<Elf64>(bytes, object).parse();
  if (bytes[EI_CLASS] != ELFCLASS32) refuse("it is neither 32 nor 64 bit");
  return Parser<Elf32>(bytes, object).parse();
}

}  // namespace tandem::image
