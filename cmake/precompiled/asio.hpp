// For drivers: libraries in which most files touch a socket.
#pragma once

#include "cmake/precompiled/standard.hpp"
#include "core/net/asio.hpp"
