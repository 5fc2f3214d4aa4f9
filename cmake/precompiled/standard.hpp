// What most files include, parsed once a build tree (tandem_precompiled in cmake/tandem-rules.cmake). It saves time and
// nothing else: every file is to include what it uses. With it, the compiler does not notice when one does not; a tree
// configured with -DTANDEM_PRECOMPILE=OFF, as the fuzzers' is, does.
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
#include <iostream>
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
