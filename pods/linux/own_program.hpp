// Where our own program lies while it starts programs in containers. A container can open what started it, by
// /proc/PID/exe or by executing a link to /proc/self/exe, and write to it (CVE-2019-5736): so that is a read-only mount
// of its own, always.
#pragma once

#include <string>

#include "core/os/unique_fd.hpp"

namespace tandem::linux_ {

// `program` through a read-only mount of its own, to be executed by execveat(2).
unique_fd open_read_only(const std::string& program);

// Executes this very program again, with its arguments and environment, through a read-only mount; returns when it runs
// from one.
void run_read_only();

// Throws Error{bug} when this program does not run from a read-only mount.
void require_read_only_program();

}  // namespace tandem::linux_
