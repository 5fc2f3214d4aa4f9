#include "pods/linux/seccomp.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include "core/os/check.hpp"
#include "core/os/files.hpp"

namespace tandem::linux_ {
namespace {

constexpr std::uint32_t rules_revision = 2;  // raise when a rule below changes (the table is fingerprinted itself)

struct Architecture {
  std::uint32_t token;  // libseccomp's, which is the kernel's AUDIT_ARCH_*
};
#if defined(__x86_64__)
constexpr Architecture architectures[] = {{SCMP_ARCH_X86_64}, {SCMP_ARCH_X86}};
#elif defined(__aarch64__)
constexpr Architecture architectures[] = {{SCMP_ARCH_AARCH64}, {SCMP_ARCH_ARM}};
#else
#error "seccomp: no architecture list for this machine"
#endif

struct Release {
  void operator()(void* context) const { ::seccomp_release(context); }
};
using Context = std::unique_ptr<void, Release>;

void must(int result, const char* tried, const std::string& object = "") {
  if (result < 0) throw Error::from_errno(tried, object, -result);
}

void add_rule(scmp_filter_ctx context, std::uint32_t action, const char* name,
              const std::vector<scmp_arg_cmp>& arguments = {}) {
  const int number = ::seccomp_syscall_resolve_name(name);
  if (number == __NR_SCMP_ERROR) return;  // newer than this libseccomp, so above the highest known one: ENOSYS
  const int result =
      ::seccomp_rule_add_array(context, action, number, static_cast<unsigned>(arguments.size()), arguments.data());
  if (result != -EEXIST) must(result, "add seccomp rule for", name);  // two capabilities may guard one call
}

std::vector<const char*> calls_for(CapabilitySet kept) {
  std::vector<const char*> names = allowed_calls();
  for (const GuardedCalls& guarded : guarded_calls()) {
    if (guarded.capability & kept) names.insert(names.end(), guarded.names.begin(), guarded.names.end());
  }
  return names;
}

bool is_administrator(CapabilitySet kept) { return (kept & parse_capabilities({"CAP_SYS_ADMIN"})) != 0; }

void add_rules_by_argument(scmp_filter_ctx context, CapabilitySet kept) {
  constexpr std::uint64_t new_namespaces =
      CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
  if (is_administrator(kept)) {
    add_rule(context, SCMP_ACT_ALLOW, "clone");
  } else {
    add_rule(context, SCMP_ACT_ALLOW, "clone", {SCMP_A0_64(SCMP_CMP_MASKED_EQ, new_namespaces, 0)});
    // Its flags are behind a pointer that a filter cannot read; ENOSYS sends libcs to clone.
    add_rule(context, SCMP_ACT_ERRNO(ENOSYS), "clone3");
  }
  // What programs live of. Each other family is code of the kernel that few have read (AF_ALG: CVE-2026-31431,
  // AF_RXRPC: CVE-2026-43500), or leads to the hypervisor (AF_VSOCK).
  for (const std::uint64_t family : {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET}) {
    add_rule(context, SCMP_ACT_ALLOW, "socket", {SCMP_A0_64(SCMP_CMP_EQ, family)});
  }
  constexpr std::uint64_t harmless_personalities[] = {0x0, 0x0008, 0x20000, 0x20008, 0xffffffff};
  for (const std::uint64_t value : harmless_personalities) {
    add_rule(context, SCMP_ACT_ALLOW, "personality", {SCMP_A0_64(SCMP_CMP_EQ, value)});
  }
}

// libseccomp's filter as instructions; it only writes to descriptors.
SeccompFilter exported(scmp_filter_ctx context) {
  const unique_fd file(check([] { return ::memfd_create("seccomp", MFD_CLOEXEC); }, "create memfd"));
  must(::seccomp_export_bpf(context, file.get()), "compile seccomp filter");
  const off_t size = check([&] { return ::lseek(file.get(), 0, SEEK_END); }, "measure seccomp filter");
  SeccompFilter filter(static_cast<std::size_t>(size) / sizeof(sock_filter));
  check([&] { return ::pread(file.get(), filter.data(), static_cast<std::size_t>(size), 0); }, "read seccomp filter");
  return filter;
}

// The highest number in the table, allowed or not: what lies above is newer than the profile.
std::uint32_t highest_known(std::uint32_t architecture) {
  int highest = 0;
  const auto look = [&](const char* name) {
    highest = std::max(highest, ::seccomp_syscall_resolve_name_arch(architecture, name));
  };
  for (const char* name : allowed_calls()) look(name);
  for (const GuardedCalls& guarded : guarded_calls()) {
    for (const char* name : guarded.names) look(name);
  }
  return static_cast<std::uint32_t>(highest);
}

// Stands before libseccomp's filter, whose one default action cannot tell "denied" from "unknown".
SeccompFilter unknown_calls_are_missing() {
  constexpr std::uint32_t number = offsetof(seccomp_data, nr), architecture = offsetof(seccomp_data, arch);
  SeccompFilter filter;
  for (const Architecture& each : architectures) {
    filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, architecture));
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, each.token, 0, 3));
    filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, number));
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, highest_known(each.token), 0, 1));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS));
  }
  return filter;
}

// 32-bit x86 programs can make sockets by socketcall, too, with the family in memory, where a filter cannot see it.
SeccompFilter sockets_by_socketcall_are_refused() {
  SeccompFilter filter;
#if defined(__x86_64__)
  constexpr std::uint32_t socketcall = 102, make_socket = 1;  // arch/x86/entry/syscalls/syscall_32.tbl, linux/net.h
  filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)));
  filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SCMP_ARCH_X86, 0, 5));
  filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, socketcall, 0, 3));
  filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)));
  filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, make_socket, 0, 1));
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
#endif
  return filter;
}

// FNV-1a: tells versions and damage apart, keeps no secret.
std::uint64_t fingerprint(std::string_view bytes, std::uint64_t hash = 14695981039346656037u) {
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211u;
  return hash;
}

std::string cache_name(CapabilitySet kept) {
  const scmp_version* version = ::seccomp_version();
  std::uint64_t hash = fingerprint(std::to_string(rules_revision) + "/" + std::to_string(version->major) + "." +
                                   std::to_string(version->minor) + "." + std::to_string(version->micro) +
                                   (is_administrator(kept) ? "a" : "u"));
  for (const char* name : calls_for(kept)) hash = fingerprint(std::string(name) + " ", hash);
  for (const Architecture& each : architectures) hash = fingerprint(std::to_string(each.token) + " ", hash);
  char text[32];
  std::snprintf(text, sizeof text, "%016llx.bpf", static_cast<unsigned long long>(hash));
  return text;
}

std::string encoded(const SeccompFilter& filter) {
  const std::string body(reinterpret_cast<const char*>(filter.data()), filter.size() * sizeof(sock_filter));
  const std::uint64_t sum = fingerprint(body);
  return std::string(reinterpret_cast<const char*>(&sum), sizeof sum) + body;
}

std::optional<SeccompFilter> decoded(const std::string& bytes) {
  std::uint64_t sum = 0;
  if (bytes.size() <= sizeof sum || (bytes.size() - sizeof sum) % sizeof(sock_filter) != 0) return std::nullopt;
  std::memcpy(&sum, bytes.data(), sizeof sum);
  const std::string_view body = std::string_view(bytes).substr(sizeof sum);
  if (fingerprint(body) != sum) return std::nullopt;
  SeccompFilter filter(body.size() / sizeof(sock_filter));
  std::memcpy(filter.data(), body.data(), body.size());
  return filter;
}

}  // namespace

SeccompFilter compile_default_filter(CapabilitySet kept) {
  const Context context(::seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  if (!context) throw Error(Fault::environment, "compile seccomp filter", "", "out of memory");
  for (const Architecture& each : architectures) {
    const int result = ::seccomp_arch_add(context.get(), each.token);
    if (result != -EEXIST) must(result, "add architecture to the seccomp filter");
  }
  must(::seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS)), "set up seccomp filter");
  must(::seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2), "set up seccomp filter");  // a binary tree
  for (const char* name : calls_for(kept)) {
    add_rule(context.get(), SCMP_ACT_ALLOW, name);
  }
  add_rules_by_argument(context.get(), kept);

  SeccompFilter filter = unknown_calls_are_missing();
  for (const SeccompFilter& next : {sockets_by_socketcall_are_refused(), exported(context.get())}) {
    filter.insert(filter.end(), next.begin(), next.end());
  }
  return filter;
}

SeccompFilter cached_default_filter(const std::filesystem::path& directory, CapabilitySet kept) {
  const fs::path file = directory / cache_name(kept);
  if (const auto bytes = read_file_if_exists(file, 1u << 20)) {
    if (auto filter = decoded(*bytes)) return *filter;
  }
  const SeccompFilter filter = compile_default_filter(kept);
  make_directories(directory, 0700);
  replace_file(file, encoded(filter), 0600);
  return filter;
}

std::optional<SeccompFilter> filter_for(const plan::Security& security, const state::PodPaths& paths) {
  if (security.privileged || !security.default_seccomp) return std::nullopt;
  const fs::path cache = paths.run.parent_path().parent_path() / "seccomp";
  return cached_default_filter(cache, parse_capabilities(security.capabilities));
}

void load_filter(const SeccompFilter& filter) {
  sock_fprog program{static_cast<unsigned short>(filter.size()), const_cast<sock_filter*>(filter.data())};
  check([&] { return static_cast<int>(::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)); },
        "load seccomp filter");
}

}  // namespace tandem::linux_
