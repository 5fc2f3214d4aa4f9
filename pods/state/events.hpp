// events.jsonl: the pod's v1 Events. An event that happens again gets a line of the same name with a higher count, so
// the file is only appended to; when it has grown it is rewritten with the last line of each name.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pods/state/layout.hpp"
#include "pods/state/time.hpp"

namespace tandem::state {

struct PodIdentity {
  std::string uid, name, name_space, node_name;
};

struct PodEvent {
  bool warning = false;
  std::string reason, message;
  std::string field_path;  // "spec.containers{web}", or empty for the pod
  std::string name;        // given by the log
  int count = 1;
  Time first{}, last{};
};

std::string to_json_line(const PodEvent& event, const PodIdentity& pod);  // a v1 Event and a newline
// The newest state of each event, the oldest first. A half or damaged line is skipped: events are worth less than the
// pod.
std::vector<PodEvent> parse_events(std::string_view text);
std::vector<PodEvent> read_events(const PodPaths& paths);
std::string event_list_json(const std::vector<PodEvent>& events, const PodIdentity& pod);  // a v1 EventList

class EventLog {
 public:
  EventLog(const PodPaths& paths, PodIdentity pod);
  // Never throws: a full disk must not stop the supervisor. False: it could not be written.
  bool append(bool warning, const std::string& reason, const std::string& message, const std::string& field_path,
              Time now);

 private:
  bool write(const std::string& text);
  void compact();

  PodPaths paths_;
  PodIdentity pod_;
  std::vector<PodEvent> events_;  // at most `most_events`
  std::uint64_t next_name_ = 0;
  std::size_t file_bytes_ = 0;
};

}  // namespace tandem::state
