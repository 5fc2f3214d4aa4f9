// Access logs of nginx and Apache, by a scanner made for them. Pure.
#pragma once

#include <string_view>

#include "sidecars/log/record/parse_fields.hpp"

namespace tandem::shipper {

// nginx's "combined", Apache's "combined" and "common" (LogFormat %h %l %u %t "%r" %>s %b ...):
//   1.2.3.4 - bob [22/Nov/2026:10:00:00 +0000] "GET /x HTTP/1.1" 200 5316 "http://from/" "Mozilla/5.0"
// Fields, in order: remote_addr, ident, remote_user, time_local, method, path, protocol, status, body_bytes_sent,
// http_referer, http_user_agent, rest. Names are nginx's variables where it has one of this name; method, path and
// protocol are the three words of its `request`, which stands alone when it is not three words (what scanners and TLS
// clients send). status and body_bytes_sent are numbers; what is "-" (or, in quotes, empty) is left out; escapes (\x22,
// \") are undone; `rest` is what a longer format of one's own has after these, as it is. False: anything else.
bool parse_combined(std::string_view text, Event& event, ParsedFields& fields);

}  // namespace tandem::shipper
