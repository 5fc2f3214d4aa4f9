// Any bytes as an ELF file: an Error or a result, and nothing in the result that is not in the bytes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/os/error.hpp"
#include "pods/image/elf.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const tandem::image::Elf elf = tandem::image::parse_elf(bytes, "fuzz");
    for (const std::string& name : elf.needed)
      if (bytes.find(name) == bytes.npos) std::abort();
    if (bytes.find(elf.interpreter) == bytes.npos) std::abort();
  } catch (const tandem::Error&) {
  }
  return 0;
}
