#include "pods/linux/starter.hpp"

#include <sched.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace tandem::linux_ {
namespace {

// ioprio_set(2); <linux/ioprio.h> of Debian 12's newest kernel headers is no C++.
constexpr int process_of_its_own = 1, no_priority_of_its_own = 0;

struct ResourceLimit {
  __rlimit_resource resource;
  rlim_t soft, hard;
};

// Cgroups limit a container's memory, processes and processor time. Open files: servers run out of the usual 1024, and
// the million that some runtimes give costs programs that close every number one by one.
constexpr ResourceLimit pod_limits[] = {
    {RLIMIT_AS, RLIM_INFINITY, RLIM_INFINITY},
    {RLIMIT_CORE, 0, RLIM_INFINITY},  // a program that wants its core in its root may raise it
    {RLIMIT_CPU, RLIM_INFINITY, RLIM_INFINITY},
    {RLIMIT_DATA, RLIM_INFINITY, RLIM_INFINITY},
    {RLIMIT_FSIZE, RLIM_INFINITY, RLIM_INFINITY},
    {RLIMIT_LOCKS, RLIM_INFINITY, RLIM_INFINITY},
    {RLIMIT_MEMLOCK, 8u << 20, 8u << 20},
    {RLIMIT_MSGQUEUE, 819200, 819200},
    {RLIMIT_NICE, 0, 0},
    {RLIMIT_NOFILE, 65536, 1u << 20},
    {RLIMIT_NPROC, RLIM_INFINITY, RLIM_INFINITY},
    {RLIMIT_RSS, RLIM_INFINITY, RLIM_INFINITY},
    {RLIMIT_RTPRIO, 0, 0},
    {RLIMIT_RTTIME, RLIM_INFINITY, RLIM_INFINITY},
    {RLIMIT_STACK, 8u << 20, RLIM_INFINITY},
};

void set_limit(const ResourceLimit& wanted) {
  rlimit limit{wanted.soft, wanted.hard};
  if (::setrlimit(wanted.resource, &limit) == 0 || ::getrlimit(wanted.resource, &limit) != 0) return;
  limit.rlim_max = std::min(limit.rlim_max, wanted.hard);  // RLIM_INFINITY is the largest number
  limit.rlim_cur = std::min(limit.rlim_max, wanted.soft);
  ::setrlimit(wanted.resource, &limit);
}

}  // namespace

void forget_starter() {
  for (const ResourceLimit& limit : pod_limits) set_limit(limit);
  // Each fails where it may not be raised: the pod runs all the same, slower.
  ::setpriority(PRIO_PROCESS, 0, 0);
  const sched_param plain{};
  ::sched_setscheduler(0, SCHED_OTHER, &plain);
  cpu_set_t all;
  std::memset(&all, 0xff, sizeof all);
  ::sched_setaffinity(0, sizeof all, &all);
  ::syscall(SYS_ioprio_set, process_of_its_own, 0, no_priority_of_its_own);
  ::personality(PER_LINUX);  // `setarch -R`: no address is random
}

}  // namespace tandem::linux_
