// What the dynamic loader reads of an ELF file (elf(5), gabi "Dynamic Section"), so that libraries are found without
// running anything. Little-endian, 32 and 64 bit. The bytes are a stranger's: every offset is checked, nothing is
// trusted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::image {

struct Elf {
  bool is_64_bit = false;
  std::uint16_t machine = 0;         // EM_X86_64, EM_AARCH64, ...
  std::string interpreter;           // PT_INTERP; empty: a library, or statically linked
  std::vector<std::string> needed;   // DT_NEEDED, in order
  std::vector<std::string> rpath;    // DT_RPATH, split; ignored by the loader when there is a runpath
  std::vector<std::string> runpath;  // DT_RUNPATH, split
  std::string soname;
};

bool looks_like_elf(std::string_view bytes);  // begins with the magic number

// Throws Error{input} naming `object` when the file is truncated, inconsistent or big-endian.
Elf parse_elf(std::string_view bytes, const std::string& object);

}  // namespace tandem::image
