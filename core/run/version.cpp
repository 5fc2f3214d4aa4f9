#include "core/run/version.hpp"

namespace tandem::run {

const char* const version = TANDEM_VERSION;

}  // namespace tandem::run
