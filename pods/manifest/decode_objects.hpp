// ConfigMap, Secret and Service.
#pragma once

#include "pods/manifest/fields.hpp"
#include "pods/manifest/manifest.hpp"

namespace tandem::manifest {

ConfigMap decode_config_map(const Source& source, const Options& options, Problems& problems);
Secret decode_secret(const Source& source, const Options& options, Problems& problems);
Service decode_service(const Source& source, const Options& options, Problems& problems);

// Services against the pods beside them: a target port that has a name.
void check_service(const Service& service, const std::vector<Pod>& pods, Problems& problems);

}  // namespace tandem::manifest
