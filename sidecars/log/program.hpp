// tandem-log as run_program() takes it.
#pragma once

#include "core/run/service.hpp"

namespace tandem::shipper {

run::Program program();

}  // namespace tandem::shipper
