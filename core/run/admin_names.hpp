// By which names the admin port is asked.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/net/http_message.hpp"

namespace tandem::run {

// This machine's: localhost, its host name, POD_NAME.
std::vector<std::string> own_names();

// Nullopt: it may be answered. A page in somebody's browser can have a name of its own lead to any address (DNS
// rebinding), and reads the answer then; it cannot make the browser send another name than that, so addresses and
// `names` are safe. What it sends to /configz with an Origin is refused too.
std::optional<net::Response> refuse_name(const net::Request& request, const std::vector<std::string>& names);

}  // namespace tandem::run
