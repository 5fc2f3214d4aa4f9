// What most files include, parsed once a build tree (tandem_precompiled in cmake/tandem-rules.cmake). It saves time and
// nothing else: every file is to include what it uses. With it, the compiler does not notice when one does not;
// tests/long/includes does, and so do the fuzzers, for what they link. <iostream> is not here: what includes it makes
// all standard streams at its start.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>
