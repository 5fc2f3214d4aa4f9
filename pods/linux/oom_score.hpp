// What the kernel kills first when memory is short.
#pragma once

namespace tandem::linux_ {

// Of the calling process, which still sees the host's /proc. Throws Error, also where the kernel refuses to lower it.
void adjust_oom_score(int score);

}  // namespace tandem::linux_
