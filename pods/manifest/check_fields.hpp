// The first pass over an object: is every key a field of the API, of the API's type, and one that Tandem supports?
#pragma once

#include <string>

#include "core/config/problem.hpp"
#include "pods/manifest/source.hpp"

namespace tandem::manifest {

// As kubectl's --validate: what becomes of a field that is unknown.
enum class Validation {
  strict,  // an error
  warn,    // a warning, and the field is left out
  ignore,  // left out without a word; fields of the API that Tandem does not support yet are still warned about
};

// A wrong type is an error in every mode. `kind` is one that api_fields() has.
void check_fields(const Source& source, const std::string& kind, Validation validation, Problems& problems);

}  // namespace tandem::manifest
