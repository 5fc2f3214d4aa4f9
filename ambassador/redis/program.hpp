#pragma once

#include "core/run/service.hpp"

namespace tandem::redis {

run::Program program();  // tandem-redis

}  // namespace tandem::redis
