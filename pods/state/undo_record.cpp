#include "pods/state/undo_record.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "core/config/json_text.hpp"
#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/state/json_values.hpp"
#include "pods/state/state_file.hpp"

namespace tandem::state {
namespace {

const std::array<const char*, 12> kind_names{"mount",   "cgroup",        "namespaces",   "interface",
                                             "address", "hostPorts",     "sharedMemory", "podFiles",
                                             "volume",  "containerRoot", "directory",    "process"};

UndoStep parse_step(std::string_view line) {
  return read_json(line, "the undo record", [](const Json& json) {
    UndoStep step;
    const std::string kind = json.at("kind").get<std::string>();
    const auto known = std::find(kind_names.begin(), kind_names.end(), kind);
    if (known == kind_names.end()) {
      throw Error(Fault::environment, "read", "the undo record", "unknown kind \"" + kind + "\" of a newer tandem");
    }
    step.kind = static_cast<UndoKind>(known - kind_names.begin());
    get_if(json, "object", step.object);
    get_if(json, "detail", step.detail);
    if (json.contains("process")) step.process = process_from(json["process"]);
    return step;
  });
}

}  // namespace

std::string to_json_line(const UndoStep& step) {
  Json json{{"kind", kind_names[static_cast<std::size_t>(step.kind)]}};
  if (!step.object.empty()) json["object"] = step.object;
  if (!step.detail.empty()) json["detail"] = step.detail;
  if (step.process.pid) json["process"] = json_of(step.process);
  return json_text(json, NotUtf8::replace) + "\n";
}

UndoSteps parse_undo(std::string_view text) {
  UndoSteps read;
  int line = 0;
  for (std::size_t end; (end = text.find('\n')) != text.npos; text.remove_prefix(end + 1)) {
    ++line;
    try {
      if (end > 0) read.steps.push_back(parse_step(text.substr(0, end)));
    } catch (const Error& error) {
      read.damage.push_back("line " + std::to_string(line) + ": " + error.cause());
    }
  }
  return read;
}

UndoSteps read_undo(const PodPaths& paths) {
  try {
    return parse_undo(read_file_if_exists(paths.undo()).value_or(""));
  } catch (const Error& error) {
    return {{}, {error.cause()}};
  }
}

UndoRecord::UndoRecord(const PodPaths& paths) : path_(paths.undo()) {
  std::string text;
  try {
    text = read_state_file(path_).value_or("");
  } catch (const Error&) {
    set_aside(path_);
  }
  known_ = parse_undo(text).steps;
  file_ = open_file(path_, O_WRONLY | O_CREAT | O_APPEND, 0600);
  const std::size_t whole = text.rfind('\n') + 1;  // npos + 1 is 0
  if (whole != text.size()) {
    check([&] { return ::ftruncate(file_.get(), static_cast<off_t>(whole)); }, "truncate", path_.string());
  }
}

void UndoRecord::append(const UndoStep& step) { append(std::vector<UndoStep>{step}); }

void UndoRecord::append(const std::vector<UndoStep>& steps) {
  std::string lines;
  for (const UndoStep& step : steps) {
    if (std::find(known_.begin(), known_.end(), step) != known_.end()) continue;
    known_.push_back(step);
    lines += to_json_line(step);
  }
  if (lines.empty()) return;
  write_all(file_.get(), lines, path_.string());
  check([&] { return ::fdatasync(file_.get()); }, "sync", path_.string());
}

}  // namespace tandem::state
