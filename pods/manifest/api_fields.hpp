// Every field of the kinds that Tandem reads, as the Kubernetes API has it: type, and whether Tandem supports it.
// The table is fields.inc, which generate_fields.py makes.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::manifest {

enum class FieldType {
  text,
  int32,
  int64,
  boolean,
  quantity,
  int_or_text,
  text_map,
  quantity_map,
  object,
  opaque,  // a struct whose fields are not listed
  text_list,
  int32_list,
  int64_list,
  object_list,
  opaque_list,
};

enum class Support {
  supported,
  no_effect,    // accepted; means nothing on one machine
  unsupported,  // a field of the API that Tandem does not support yet
};

struct ApiField {
  std::string_view path;  // "Pod/spec.containers[].env[].name"; Object/metadata.name for every kind
  FieldType type;
  Support support;
  std::string_view quiet;  // the value that asks for nothing, and so needs no message; "{}": an empty one
};

std::span<const ApiField> api_fields();  // sorted by path

// `path` without kind and indexes: "spec.containers[].env". Init containers are looked up as containers.
// nullptr: the API has no such field.
const ApiField* find_field(std::string_view kind, std::string_view path);

// The names of the fields right below `path`; "" is the object itself.
std::vector<std::string> names_below(std::string_view kind, std::string_view path);

// "spec.initContainers[3].env" -> "spec.containers[].env".
std::string without_indexes(std::string_view path);

}  // namespace tandem::manifest
