#include "sidecars/log/sinks/kafka_library.hpp"

#include <dlfcn.h>

namespace tandem::shipper {
namespace {

bool load(KafkaLibrary& library, std::string& why) {
  void* const handle = ::dlopen("librdkafka.so.1", RTLD_NOW | RTLD_LOCAL);
  const auto fail = [&] {
    const char* const said = ::dlerror();
    why = said ? said : "librdkafka.so.1 cannot be loaded";
    return false;
  };
  if (!handle) return fail();
#define TANDEM_KAFKA_LOAD(name)                                                                      \
  library.name##_ = reinterpret_cast<decltype(library.name##_)>(::dlsym(handle, "rd_kafka_" #name)); \
  if (!library.name##_) return fail();
  TANDEM_KAFKA_FUNCTIONS(TANDEM_KAFKA_LOAD)
#undef TANDEM_KAFKA_LOAD
  return true;
}

}  // namespace

const KafkaLibrary* load_kafka_library(std::string& why) {
  static KafkaLibrary library;
  static bool loaded = false;
  if (!loaded) loaded = load(library, why);
  return loaded ? &library : nullptr;
}

}  // namespace tandem::shipper
