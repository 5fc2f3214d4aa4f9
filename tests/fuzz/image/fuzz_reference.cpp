// A reference's full form is a reference, and its own full form.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "pods/image/reference.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using tandem::image::parse_reference;
  const auto reference = parse_reference({reinterpret_cast<const char*>(data), size});
  if (!reference) return 0;
  const auto again = parse_reference(reference->text());
  if (!again || again->text() != reference->text()) std::abort();
  return 0;
}
