// What an answer of the bulk API means for the records of the body. Pure.
#pragma once

#include <string_view>

#include "sidecars/log/sinks/outcome.hpp"

namespace tandem::shipper {

// `body` is what was sent: pairs of lines, action and record. `answer` is
// {"errors":bool,"items":[{"create":{"status":.., "error":{"type":..,"reason":..}}},..]}, with other members around.
// 2xx and 409 (it is there already): delivered. 429, 5xx and blocked indices of any item: the whole batch again later,
// its ids make that safe. Other items: refused. An answer that cannot be understood, or that has not an item for each
// record: again later.
Outcome judge_bulk(std::string_view body, std::string_view answer);

// The batch as a whole was rejected: every record of the body is among the refused.
void refuse_all(std::string_view body, Outcome& outcome);

}  // namespace tandem::shipper
