// The table of a program's config keys: the one source for --help, the reference page, defaults, unknown keys, masking
// and environment overrides.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/config/node.hpp"
#include "core/config/problem.hpp"
#include "core/config/reader.hpp"

namespace tandem::run {

struct ConfigKey {
  std::string path;  // "state.dir", "sources[].name"; a key in list items is written with []
  // Shown to people: "string", "path", "a|b". integer, number, boolean, bytes and duration are scalars, "list of ..."
  // and "map ..." have values in them ("map": any keys below it are fine), all others are strings: so a variable is
  // read.
  std::string type;
  std::string fallback;  // default as YAML, empty: none; filled in by --print-config when the path has no []
  std::string help;
  bool secret = false;  // masked wherever the config is shown
};
using ConfigTable = std::vector<ConfigKey>;

const ConfigTable& common_keys();  // admin.listen, log.level, drain.timeout: every program has them

// Every key of the document that is not in the table, with the closest known one.
void validate_keys(const Document& config, const ConfigTable& table, Problems& problems);

// A Reader over the whole document that already allows the common keys. Call done() last, as always.
Reader read_config(const Document& config, Problems& problems);

// PROGRAM_PATH, e.g. TANDEM_LOG_STATE_DIR for state.dir; keys inside lists have none (empty).
std::string environment_name(const std::string& program, const std::string& path);

// Sets each key whose variable `lookup` knows: a string's is its bytes as they are, a scalar's is read as one, a list's
// or map's as YAML.
void apply_environment(Document& config, const std::string& program, const ConfigTable& table,
                       const std::function<const char*(const std::string&)>& lookup);

// Takes out the values of secret keys and what URLs say of passwords and tokens, whatever is wrong with them.
void mask_secrets(Problems& problems, const Document& config, const ConfigTable& table);
bool is_secret(const std::string& path, const ConfigTable& table);  // a table path, of a key or of what is below it

// The config in force as YAML: defaults filled in, secrets "***", also in URLs.
std::string print_config(const Document& config, const ConfigTable& table);

// For tests: the table's paths that `config` does not use. With a config that uses everything it must be empty.
std::vector<std::string> unused_keys(const Document& config, const ConfigTable& table);

}  // namespace tandem::run
