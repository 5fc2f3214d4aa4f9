// For tests.
#pragma once

#include "cmake/precompiled/standard.hpp"

#include <catch2/catch.hpp>
