#include "pods/client/pod_events.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/config/json_text.hpp"
#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/supervise/client.hpp"

namespace tandem::client {

namespace {

using Json = nlohmann::ordered_json;

// The last line of each event's name holds its count; see pods/state/events.hpp. Damaged lines are left out and said.
std::vector<Json> read_events(const state::PodPaths& paths, const Notes& say) {
  const Json::json_pointer name("/metadata/name");
  std::vector<Json> events;
  int damaged = 0;
  std::istringstream lines;
  try {
    lines.str(read_file_if_exists(paths.events()).value_or(""));
  } catch (const Error& error) {
    say(std::string("warning: ") + error.what());
  }
  for (std::string line; std::getline(lines, line);) {
    Json event = parse_ordered_json(line);
    if (!event.is_object() || !event.contains(name)) {
      if (!lines.eof()) ++damaged;  // else it is the last line, still being written
      continue;
    }
    const auto before =
        std::find_if(events.begin(), events.end(), [&](const Json& other) { return other.at(name) == event.at(name); });
    if (before != events.end()) events.erase(before);
    events.push_back(std::move(event));
  }
  if (damaged > 0)
    say("warning: " + paths.events().string() + ": " + std::to_string(damaged) + " damaged lines are left out");
  return events;
}

// What a supervisor could not do is an event of its own; what kept it, or its keeper, from being there is in their log.
void add_keeper_error(const state::PodPaths& paths, std::vector<Json>& events) {
  const auto error = supervise::last_keeper_error(paths);
  if (!error) return;
  for (const Json& event : events)
    if (event.value("message", "").find(error->text) != std::string::npos) return;
  events.push_back({{"type", "Warning"},
                    {"reason", "NotSupervised"},
                    {"lastTimestamp", error->time},
                    {"source", {{"component", "tandem"}}},
                    {"message", error->text}});
}

}  // namespace

std::vector<Json> read_pod_events(const state::PodPaths& paths, const Notes& say) {
  std::vector<Json> events = read_events(paths, say);
  add_keeper_error(paths, events);
  return events;
}

}  // namespace tandem::client
