#include "pods/linux/identity.hpp"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/os/check.hpp"
#include "pods/linux/capabilities.hpp"

namespace tandem::linux_ {

void take_identity(const plan::Identity& identity, const plan::Security& security, const SeccompFilter* filter) {
  // A privileged container keeps what we have ourselves.
  const CapabilitySet kept = security.privileged ? permitted_capabilities() : parse_capabilities(security.capabilities);
  ::umask(0022);
  limit_bounding_set(kept);
  // Without no_new_privs only CAP_SYS_ADMIN may load a filter, so it goes first; with it the filter goes last, so that
  // it need not allow what comes in between.
  if (filter && !security.no_new_privileges) load_filter(*filter);

  const std::vector<gid_t> groups(identity.groups.begin(), identity.groups.end());
  check([&] { return ::setgroups(groups.size(), groups.data()); }, "set supplementary groups");
  check([&] { return ::setresgid(identity.gid, identity.gid, identity.gid); }, "set group",
        std::to_string(identity.gid));
  check([&] { return ::setresuid(identity.uid, identity.uid, identity.uid); }, "set user",
        std::to_string(identity.uid));
  set_capabilities(kept);

  if (security.no_new_privileges) {
    check([] { return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }, "set no_new_privs");
    if (filter) load_filter(*filter);
  }
}

}  // namespace tandem::linux_
