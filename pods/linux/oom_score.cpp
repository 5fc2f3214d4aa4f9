#include "pods/linux/oom_score.hpp"

#include <fcntl.h>

#include <string>

#include "core/os/files.hpp"

namespace tandem::linux_ {

void adjust_oom_score(int score) {
  const char* const file = "/proc/self/oom_score_adj";
  write_all(open_file(file, O_WRONLY).get(), std::to_string(score), file);
}

}  // namespace tandem::linux_
