// ELF files made by hand: header, PT_LOAD, PT_INTERP, PT_DYNAMIC and a string table; enough for a loader's first look.
#pragma once

#include <elf.h>

#include <cstring>
#include <string>
#include <vector>

namespace tandem::test {

struct ElfParts {
  std::string interpreter = {};
  std::vector<std::string> needed = {};
  std::string runpath = {}, rpath = {}, soname = {};
  std::uint16_t machine = EM_X86_64;
};

inline std::string make_elf(const ElfParts& parts) {
  constexpr std::uint64_t base = 0x400000;
  std::string strings(1, '\0');
  std::vector<Elf64_Dyn> dynamic;
  const auto put = [&](Elf64_Sxword tag, const std::string& text) {
    dynamic.push_back({tag, {strings.size()}});
    strings += text + '\0';
  };
  for (const std::string& name : parts.needed) put(DT_NEEDED, name);
  if (!parts.runpath.empty()) put(DT_RUNPATH, parts.runpath);
  if (!parts.rpath.empty()) put(DT_RPATH, parts.rpath);
  if (!parts.soname.empty()) put(DT_SONAME, parts.soname);

  const std::uint64_t interpreter_at = sizeof(Elf64_Ehdr) + 3 * sizeof(Elf64_Phdr);
  const std::uint64_t strings_at = interpreter_at + parts.interpreter.size() + 1;
  const std::uint64_t dynamic_at = strings_at + strings.size();
  dynamic.push_back({DT_STRTAB, {base + strings_at}});
  dynamic.push_back({DT_STRSZ, {strings.size()}});
  dynamic.push_back({DT_NULL, {0}});
  const std::uint64_t dynamic_size = dynamic.size() * sizeof(Elf64_Dyn), total = dynamic_at + dynamic_size;

  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_DYN;
  header.e_machine = parts.machine;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 3;
  Elf64_Phdr load{}, interpreter{}, table{};
  load.p_type = PT_LOAD;
  load.p_vaddr = base;
  load.p_filesz = total;
  interpreter.p_type = parts.interpreter.empty() ? PT_NULL : PT_INTERP;
  interpreter.p_offset = interpreter_at;
  interpreter.p_filesz = parts.interpreter.size() + 1;
  table.p_type = PT_DYNAMIC;
  table.p_offset = dynamic_at;
  table.p_filesz = dynamic_size;

  std::string file;
  const auto append = [&](const void* data, std::size_t size) { file.append(static_cast<const char*>(data), size); };
  append(&header, sizeof header);
  append(&load, sizeof load);
  append(&interpreter, sizeof interpreter);
  append(&table, sizeof table);
  file += parts.interpreter + '\0' + strings;
  append(dynamic.data(), dynamic_size);
  return file;
}

}  // namespace tandem::test
