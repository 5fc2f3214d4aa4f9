// Lines of container logs as Kubernetes' runtimes (and Tandem) write them: the CRI logging format,
//
//   2026-11-22T10:00:00.123456789Z stdout F message
//
// (kubernetes/design-proposals-archive, node/kubelet-cri-logging.md), and where such files lie.
#pragma once

#include <cstdint>
#include <string_view>

namespace tandem::shipper {

struct CriLine {
  std::int64_t time_ns = 0;  // since the epoch; the years 1678 to 2261
  std::string_view stream;   // stdout or stderr
  bool partial = false;      // tag P: the line goes on in the next record of the same stream; F ends it
  std::string_view message;  // may be empty; a CR at the end is kept, it is the program's own
};

// `line` is without its newline. The time is RFC 3339 with up to nine digits of fraction, `Z` or an offset; the first
// of the tags (separated by `:`) is P or F. A leap second counts as the next minute's first. false: anything else, and
// `out` is untouched.
bool parse_cri_line(std::string_view line, CriLine& out);

struct PodLogPath {
  std::string_view name_space, pod;  // empty in Tandem's layout: the path does not tell
  std::string_view uid;              // in Tandem's layout its first twelve hex digits
  std::string_view container;
  std::uint32_t restart = 0;  // 0: the container's first run
};

// Views into `path`. The two layouts, below any directory:
//
//   .../pods/NAMESPACE_POD_UID/CONTAINER/RESTART.log    Kubernetes (/var/log/pods)
//   .../pods/ID/logs/CONTAINER/RESTART.log              Tandem (/var/lib/tandem/pods)
//
// A rotated file (0.log.20261122-100000, 0.log.1, and so on) counts as its original. false: neither, and `out` is
// untouched.
bool parse_pod_log_path(std::string_view path, PodLogPath& out);

}  // namespace tandem::shipper
