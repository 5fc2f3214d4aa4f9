// Records as the body of Elasticsearch's and OpenSearch's bulk API, newline JSON: POST /_bulk.
// {"create":{"_index":"INDEX","_id":"FILE-OFFSET"}}
// {"@timestamp":"..",FIELDS}
// Source: Elasticsearch reference, "Bulk API" (create: refused with 409 when the id is there already).
#pragma once

#include <memory>
#include <string>

#include "sidecars/log/encode/record_format.hpp"
#include "sidecars/log/encode/text_template.hpp"

namespace tandem::shipper {

// The id is the record's place: the file generation, its offset there, and "-PIECE" for a further piece of a long line;
// so a record that comes again is known again. A field "@timestamp" takes the place of the record's time. What a field
// puts into the name of the index is made a name: lower case, "-" for what a name may not have; "unknown" for nothing.
std::unique_ptr<RecordFormat> make_elasticsearch_format(TextTemplate index);

// Why Elasticsearch refuses an index of this name; nullptr: it does not.
const char* index_name_problem(std::string_view name);

}  // namespace tandem::shipper
