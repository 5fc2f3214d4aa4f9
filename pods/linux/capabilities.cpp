#include "pods/linux/capabilities.hpp"

#include <linux/capability.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "core/os/check.hpp"

namespace tandem::linux_ {
namespace {

// capset(2) itself: libcap's wrapper would want every value spelled through cap_flag_t lists.
struct Sets {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
};

}  // namespace

CapabilitySet parse_capabilities(const std::vector<std::string>& names) {
  CapabilitySet set = 0;
  for (std::string name : names) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; });
    cap_value_t value = 0;
    if (::cap_from_name(name.c_str(), &value) != 0) {
      throw Error(Fault::input, "keep capability", name, "there is no such capability", "see capabilities(7)");
    }
    set |= CapabilitySet{1} << value;
  }
  return set;
}

const std::vector<std::string>& default_capabilities() {
  static const std::vector<std::string> names = {
      "CAP_AUDIT_WRITE",      "CAP_CHOWN",  "CAP_DAC_OVERRIDE", "CAP_FOWNER",  "CAP_FSETID",  "CAP_KILL",
      "CAP_NET_BIND_SERVICE", "CAP_SETGID", "CAP_SETUID",       "CAP_SETFCAP", "CAP_SETPCAP", "CAP_SYS_CHROOT"};
  return names;
}

CapabilitySet permitted_capabilities() {
  Sets sets;
  check([&] { return static_cast<int>(::syscall(SYS_capget, &sets.header, sets.data)); }, "read capabilities");
  return sets.data[0].permitted | CapabilitySet{sets.data[1].permitted} << 32;
}

void limit_bounding_set(CapabilitySet kept) {
  for (int value = 0; value < 64; ++value) {
    const int present = ::prctl(PR_CAPBSET_READ, value, 0, 0, 0);
    if (present < 0) return;  // past the last one that the kernel knows
    if (present == 0 || (kept >> value & 1)) continue;
    check([&] { return ::prctl(PR_CAPBSET_DROP, value, 0, 0, 0); }, "drop capability from the bounding set",
          std::to_string(value));
  }
}

void set_capabilities(CapabilitySet kept) {
  kept &= permitted_capabilities();
  Sets sets;
  sets.data[0].permitted = sets.data[0].effective = static_cast<__u32>(kept);
  sets.data[1].permitted = sets.data[1].effective = static_cast<__u32>(kept >> 32);
  // Ambient ones go with the inheritable ones.
  check([&] { return static_cast<int>(::syscall(SYS_capset, &sets.header, sets.data)); }, "set capabilities");
}

}  // namespace tandem::linux_
