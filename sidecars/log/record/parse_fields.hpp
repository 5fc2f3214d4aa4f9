// What a parser finds in a text: fields in order, no two of one name.
#pragma once

#include <vector>

#include "sidecars/log/record/event.hpp"

namespace tandem::shipper {

// Every parser fills one of these from nothing, and leaves it empty when it fails; memory is the event's (claim), the
// event's own fields are not touched.
using ParsedFields = std::vector<Field>;

// For fields that were found in one text in order: of several of one name the last stays, in the first one's place.
// Linear for what logs have, n log n for what an attacker sends.
void drop_repeated_names(ParsedFields& fields);

// To a record: each takes the place of the field of its name that `record` had before, or goes to the end. No two of
// `found` may have one name.
void add_fields(std::vector<Field>& record, const ParsedFields& found);

}  // namespace tandem::shipper
