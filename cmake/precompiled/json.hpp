// For libraries in which most files read or write JSON.
#pragma once

#include "cmake/precompiled/standard.hpp"

#include <nlohmann/json.hpp>
