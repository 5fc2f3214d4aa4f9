// The kinds that commands name, in all the spellings of kubectl.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tandem::client {

enum class Kind { pod, config_map, secret, service };

const char* api_name(Kind kind);    // "ConfigMap": in manifests and on disk
const char* short_name(Kind kind);  // "configmap": in what commands print

Kind parse_kind(const std::string& text);  // "po", "pods", "cm", ...; throws Error{user} with the known ones

// "pods", "pods a b", "pod/a svc/b": pairs of kind and name; an empty name: all of the kind, which only `all` allows.
std::vector<std::pair<Kind, std::string>> parse_names(const std::vector<std::string>& words, bool all);

}  // namespace tandem::client
