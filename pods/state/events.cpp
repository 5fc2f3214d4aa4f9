#include "pods/state/events.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cstdlib>

#include "core/config/json_text.hpp"
#include "core/os/files.hpp"
#include "pods/state/json_values.hpp"
#include "pods/state/state_file.hpp"

namespace tandem::state {
namespace {

constexpr std::size_t most_events = 500;
constexpr std::size_t compact_above_bytes = 512 * 1024;
constexpr std::size_t longest_message = 1024;  // as the API server allows

Json event_json(const PodEvent& event, const PodIdentity& pod) {
  Json object{
      {"kind", "Pod"}, {"namespace", pod.name_space}, {"name", pod.name}, {"uid", pod.uid}, {"apiVersion", "v1"}};
  if (!event.field_path.empty()) object["fieldPath"] = event.field_path;
  return {
      {"apiVersion", "v1"},
      {"kind", "Event"},
      {"metadata", {{"name", event.name}, {"namespace", pod.name_space}, {"creationTimestamp", rfc3339(event.first)}}},
      {"involvedObject", std::move(object)},
      {"reason", event.reason},
      {"message", event.message},
      {"source", {{"component", "tandem"}, {"host", pod.node_name}}},
      {"firstTimestamp", rfc3339(event.first)},
      {"lastTimestamp", rfc3339(event.last)},
      {"count", event.count},
      {"type", event.warning ? "Warning" : "Normal"}};
}

std::optional<PodEvent> parse_event(std::string_view line) {
  const Json json = parse_ordered_json(line);
  if (!json.is_object()) return std::nullopt;
  try {
    PodEvent event;
    event.name = json.at("metadata").at("name").get<std::string>();
    event.warning = json.at("type").get<std::string>() == "Warning";
    event.reason = json.at("reason").get<std::string>();
    event.message = json.at("message").get<std::string>();
    get_if(json.at("involvedObject"), "fieldPath", event.field_path);
    event.count = json.at("count").get<int>();
    event.first = parse_rfc3339(json.at("firstTimestamp").get<std::string>()).value_or(Time{});
    event.last = parse_rfc3339(json.at("lastTimestamp").get<std::string>()).value_or(Time{});
    return event;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

std::string one_line(const Json& json) { return json_text(json, NotUtf8::replace); }

}  // namespace

std::string to_json_line(const PodEvent& event, const PodIdentity& pod) {
  return one_line(event_json(event, pod)) + "\n";
}

std::vector<PodEvent> parse_events(std::string_view text) {
  std::vector<PodEvent> events;
  std::map<std::string, std::size_t> places;
  for (std::size_t end; (end = text.find('\n')) != text.npos; text.remove_prefix(end + 1)) {
    std::optional<PodEvent> event = parse_event(text.substr(0, end));
    if (!event) continue;
    const auto [place, is_new] = places.try_emplace(event->name, events.size());
    if (is_new) {
      events.push_back(std::move(*event));
    } else {
      events[place->second] = std::move(*event);
    }
  }
  std::stable_sort(events.begin(), events.end(), [](const PodEvent& a, const PodEvent& b) { return a.last < b.last; });
  return events;
}

std::vector<PodEvent> read_events(const PodPaths& paths) {
  return parse_events(read_damaged_as_empty(paths.events()).value_or(""));
}

std::string event_list_json(const std::vector<PodEvent>& events, const PodIdentity& pod) {
  Json items = Json::array();
  for (const PodEvent& event : events) items.push_back(event_json(event, pod));
  return one_line(
      {{"kind", "EventList"}, {"apiVersion", "v1"}, {"metadata", Json::object()}, {"items", std::move(items)}});
}

EventLog::EventLog(const PodPaths& paths, PodIdentity pod) : paths_(paths), pod_(std::move(pod)) {
  std::string text;
  try {
    text = read_state_file(paths_.events()).value_or("");
  } catch (const Error&) {
    set_aside(paths_.events());
  }
  file_bytes_ = text.size();
  events_ = parse_events(text);
  next_name_ = static_cast<std::uint64_t>(wall_clock().time_since_epoch().count());
  for (const PodEvent& event : events_) {  // an earlier supervisor may have been here within this millisecond
    const std::size_t dot = event.name.rfind('.');
    if (dot == event.name.npos) continue;
    next_name_ = std::max<std::uint64_t>(next_name_, std::strtoull(event.name.c_str() + dot + 1, nullptr, 10) + 1);
  }
  if (!text.empty() && text.back() != '\n') compact();
}

bool EventLog::append(bool warning, const std::string& reason, const std::string& full_message,
                      const std::string& field_path, Time now) {
  const std::string message = full_message.substr(0, longest_message);
  auto same = std::find_if(events_.begin(), events_.end(), [&](const PodEvent& event) {
    return event.reason == reason && event.message == message && event.field_path == field_path;
  });
  PodEvent event;
  if (same != events_.end()) {
    event = std::move(*same);
    events_.erase(same);
    ++event.count;
  } else {
    event = {warning, reason, message, field_path, pod_.name + "." + std::to_string(next_name_++), 1, now, now};
  }
  event.last = now;
  events_.push_back(event);
  if (events_.size() > most_events) events_.erase(events_.begin());
  const bool written = write(to_json_line(event, pod_));
  if (file_bytes_ > compact_above_bytes) compact();
  return written;
}

bool EventLog::write(const std::string& text) {
  try {
    const unique_fd file = open_file(paths_.events(), O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK, 0600);
    write_all(file.get(), text, paths_.events().string());
    file_bytes_ += text.size();
    return true;
  } catch (const Error&) {
    return false;
  }
}

void EventLog::compact() {
  std::string text;
  for (const PodEvent& event : events_) text += to_json_line(event, pod_);
  try {
    write_state_file(paths_.events(), text);
    file_bytes_ = text.size();
  } catch (const Error&) {
    // The long file stays; the next append tries again.
  }
}

}  // namespace tandem::state
