// JSON of the small values that several files on disk hold. Included by .cpp files only.
#pragma once

#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "core/os/error.hpp"
#include "core/os/process.hpp"
#include "pods/state/time.hpp"

namespace tandem::state {

using Json = nlohmann::ordered_json;

inline Json parse_json(std::string_view text, const char* what) {
  Json json = parse_ordered_json(text);
  if (json.is_discarded() || !json.is_object()) {
    throw Error(Fault::environment, "read", what, "it is no JSON object");
  }
  return json;
}

// Runs `read`, and turns a wrong type inside into our Error.
template <class Read>
auto read_json(std::string_view text, const char* what, Read read) {
  const Json json = parse_json(text, what);
  try {
    return read(json);
  } catch (const nlohmann::json::exception& failure) {
    throw Error(Fault::environment, "read", what, failure.what());
  }
}

template <class T>
void get_if(const Json& json, const char* key, T& value) {
  if (const auto found = json.find(key); found != json.end()) value = found->get<T>();
}

inline Json json_of(Time time) { return time.time_since_epoch().count(); }
inline void get_if(const Json& json, const char* key, Time& value) {
  if (const auto found = json.find(key); found != json.end()) {
    value = Time(std::chrono::milliseconds(found->get<std::int64_t>()));
  }
}

inline Json json_of(const ProcessId& process) {
  return {{"pid", process.pid}, {"startTime", process.start_time}, {"bootId", process.boot_id}};
}
inline ProcessId process_from(const Json& json) {
  ProcessId process;
  get_if(json, "pid", process.pid);
  get_if(json, "startTime", process.start_time);
  get_if(json, "bootId", process.boot_id);
  return process;
}

inline Json json_of(const ExitStatus& status) {
  return {{"code", status.code}, {"signal", status.signal}, {"coreDumped", status.core_dumped}};
}
inline ExitStatus exit_status_from(const Json& json) {
  ExitStatus status;
  get_if(json, "code", status.code);
  get_if(json, "signal", status.signal);
  get_if(json, "coreDumped", status.core_dumped);
  return status;
}

}  // namespace tandem::state
