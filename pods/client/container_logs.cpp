#include "pods/client/container_logs.hpp"

#include "core/os/error.hpp"
#include "pods/state/pod_state.hpp"

namespace tandem::client {

namespace {

struct Followed {
  std::string container;
  LogReader reader;
  bool ended = false;
};

// As kubectl: -f ends with the run of the container that was there when it began.
bool has_ended(const RunningPod& pod, const Followed& followed) {
  const auto record = state::read_container_record(pod.paths, followed.container);
  return !record || record->attempt != followed.reader.attempt() || record->phase == state::ContainerPhase::exited;
}

int attempt_of(const RunningPod& pod, const std::string& container, bool previous) {
  const auto record = state::read_container_record(pod.paths, container);
  const int last = record ? record->attempt : -1;
  if (last < 0)
    throw Error(Fault::environment, "read the log of container", container, "it has not been started yet",
                "see: tandem describe pod " + pod.name);
  if (previous && last == 0)
    throw Error(Fault::user, "read the previous log of container", container, "it has been started only once");
  return previous ? last - 1 : last;
}

// False: nobody reads what is written.
bool write_more(LogReader& reader, std::string& bytes, const LogOutput& out, const Notes& say) {
  while (reader.read_more(bytes)) {
    if (!out(bytes)) return false;
    bytes.clear();
    if (const std::string loss = reader.take_loss(); !loss.empty()) say(loss);
  }
  return true;
}

}  // namespace

void write_logs(const RunningPod& pod, const LogsWanted& wanted, const LogOutput& out, const Notes& say) {
  std::vector<Followed> followed;
  LogWatch watch;
  std::string bytes;
  for (const auto& name : wanted.containers) {
    const state::LogFormat format{wanted.timestamps, wanted.prefix ? "[pod/" + pod.name + "/" + name + "] " : ""};
    followed.push_back({name, LogReader(pod.paths, name, attempt_of(pod, name, wanted.previous), format), false});
    watch.add(pod.paths, name);
    LogReader& reader = followed.back().reader;
    if (wanted.tail >= 0) reader.skip_to_tail(static_cast<std::size_t>(wanted.tail));
    if (!write_more(reader, bytes, out, say)) return;
  }
  if (!wanted.follow || wanted.previous) return;
  for (std::size_t open = followed.size(); open > 0;) {
    watch.wait(500);
    for (auto& one : followed) {
      if (one.ended) continue;
      const bool ended = has_ended(pod, one);  // asked first: what is read afterwards is all there will be
      if (!write_more(one.reader, bytes, out, say)) return;
      if (!ended) continue;
      one.ended = true;
      --open;
    }
  }
}

PodsOutput::PodsOutput(std::vector<RunningPod> pods, LogOutput out, Notes say)
    : pods_(std::move(pods)), out_(std::move(out)), say_(std::move(say)) {
  for (const auto& pod : pods_) {
    for (const auto& container : pod.plan.containers) {
      const std::string prefix = "[" + (pods_.size() > 1 ? pod.name + "/" : "") + container.name + "] ";
      readings_.push_back({&pod, container.name, LogReader(pod.paths, container.name, 0, {false, prefix})});
      watch_.add(pod.paths, container.name);
    }
  }
}

void PodsOutput::wait() { watch_.wait(200); }

void PodsOutput::write() {
  std::string bytes;
  const auto flush = [&] {
    out_(bytes);
    bytes.clear();
  };
  for (auto& one : readings_) {
    const auto record = state::read_container_record(one.pod->paths, one.container);
    const int newest = record ? record->attempt : 0;
    for (;;) {
      while (one.reader.read_more(bytes)) {
        flush();
        if (const std::string loss = one.reader.take_loss(); !loss.empty()) say_(loss);
      }
      if (one.reader.attempt() >= newest) break;
      one.reader.move_to(one.reader.attempt() + 1);
    }
  }
  flush();
}

}  // namespace tandem::client
