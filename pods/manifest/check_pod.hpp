// What needs the whole Pod: names used twice, mounts of no volume, ports that collide, choices that exclude each other.
#pragma once

#include "core/config/problem.hpp"
#include "pods/manifest/pod.hpp"

namespace tandem::manifest {

void check_pod(const Pod& pod, Problems& problems);

}  // namespace tandem::manifest
