#include "pods/client/pod_watch.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "core/config/units.hpp"
#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "core/os/not_found.hpp"
#include "pods/client/pod_trouble.hpp"
#include "pods/client/revival.hpp"
#include "pods/client/running_pod.hpp"
#include "pods/supervise/client.hpp"

namespace tandem::client {

namespace {

using Clock = std::chrono::steady_clock;

Look look(const state::Roots& roots, const PodName& pod, Goal goal) {
  const std::string id = find_pod_id(roots, pod.name_space, pod.name);
  if (id.empty())
    return goal == Goal::deleted ? Look{Progress::reached, "is deleted"}
                                 : Look{Progress::not_there, "there is no such pod in namespace " + pod.name_space};
  if (goal != Goal::deleted && supervise::lacks_guardians(state::PodPaths(roots, id)))
    return {Progress::waiting, "it has neither keeper nor supervisor"};
  if (const std::string damage = goal == Goal::deleted ? "" : unsupervised_by(state::PodPaths(roots, id));
      !damage.empty())
    return {Progress::waiting, damage};
  if (goal != Goal::deleted && !supervise::has_ended(state::PodPaths(roots, id)))
    if (const std::string why = supervise::why_unseen(roots, id); !why.empty()) return {Progress::waiting, why};
  const auto text = supervise::read_pod_status(state::PodPaths(roots, id));
  if (!text) return {Progress::waiting, "it has no status yet"};
  const auto status = parse_json(*text);
  const nlohmann::json::json_pointer place("/status");
  if (!status.is_object() || !status.contains(place) || !status[place].is_object())
    return {Progress::waiting, "its status cannot be read"};
  return judge(status, goal);
}

// Status files are replaced by rename in the pod's directory. What cannot be watched (it is not there yet) is looked at
// again after a short while, and so is everything where the machine has no inotify instance left.
void wait_for_change(const state::Roots& roots, const std::vector<PodName>& pods, Clock::duration most) {
  const unique_fd inotify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  bool all = static_cast<bool>(inotify);
  for (const auto& pod : pods) {
    const std::string id = find_pod_id(roots, pod.name_space, pod.name);
    const std::string directory = id.empty() ? roots.names().string() : state::PodPaths(roots, id).run.string();
    all = ::inotify_add_watch(inotify.get(), directory.c_str(), IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_DELETE_SELF) >=
              0 &&
          all;
  }
  // A change between the look and the watch would be missed: so the wait has a bound either way.
  const auto bound = std::min<Clock::duration>(most, std::chrono::milliseconds(all ? 200 : 20));
  pollfd polled{inotify.get(), POLLIN, 0};
  attempt([&] {
    return ::poll(&polled, 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(bound).count()));
  });
}

}  // namespace

PodName pod_name(const std::string& name_space, const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash != std::string::npos) {
    const std::string kind = text.substr(0, slash);
    if (kind != "pod" && kind != "pods" && kind != "po")
      throw Error(Fault::user, "find", text, "only pods can be waited for", "pod/NAME");
  }
  return {name_space, slash == std::string::npos ? text : text.substr(slash + 1)};
}

std::chrono::nanoseconds parse_timeout(const std::string& text) {
  const auto duration = parse_duration(text);
  if (!duration || duration->count() < 0)
    throw Error(Fault::user, "read the time-out", text, "a duration with its unit is wanted",
                "for example 30s, 2m, or 0");
  return *duration;
}

namespace {

// What a person would look for next, so that it need not be looked for.
std::string with_trouble(const state::Roots& roots, const PodName& pod, Goal goal, const std::string& why) {
  const std::string id = find_pod_id(roots, pod.name_space, pod.name);
  if (id.empty()) return why;
  const std::string interrupted = interrupted_deletion(roots, id, pod.name_space, pod.name);
  // Of a pod that is wanted away it is old.
  const std::string warning = goal == Goal::deleted ? "" : last_warning(state::PodPaths(roots, id));
  return why + (interrupted.empty() ? "" : ": " + interrupted) +
         (warning.empty() ? "" : " (its last warning: " + warning + ")");
}

}  // namespace

void wait_for_pods(const state::Roots& roots, const std::vector<PodName>& pods, Goal goal,
                   std::chrono::nanoseconds timeout,
                   const std::function<void(const PodName&, const std::string& how)>& reached) {
  const auto deadline = Clock::now() + timeout;
  std::vector<PodName> open = pods;
  for (;;) {
    const auto left = deadline - Clock::now();
    const bool is_last = left <= Clock::duration::zero();
    std::vector<PodName> still;
    std::string why;
    for (const auto& pod : open) {
      const Look now = look(roots, pod, goal);
      if (now.progress == Progress::reached) {
        reached(pod, now.why);
        continue;
      }
      if (now.progress == Progress::not_there) throw NotFound("wait for", "pod/" + pod.name, now.why);
      if (now.progress == Progress::impossible)
        throw Error(Fault::environment, "wait for", "pod/" + pod.name, with_trouble(roots, pod, goal, now.why),
                    "see: tandem describe pod " + pod.name);
      why += (why.empty() ? "pod/" : "; pod/") + pod.name + ": " +
             (is_last ? with_trouble(roots, pod, goal, now.why) : now.why);
      still.push_back(pod);
    }
    open = std::move(still);
    if (open.empty()) return;
    if (is_last)
      throw Error(Fault::environment, "wait for", std::to_string(open.size()) + " pods",
                  "not after " + to_string(timeout) + ": " + why, "see: tandem describe pod " + open.front().name);
    wait_for_change(roots, open, left);
  }
}

}  // namespace tandem::client
