// One Pod, part by part. Each function reads one mapping, checks it in itself, and leaves what needs the whole Pod to
// check_pod (check_pod.hpp).
#pragma once

#include "pods/manifest/fields.hpp"
#include "pods/manifest/manifest.hpp"
#include "pods/manifest/pod.hpp"

namespace tandem::manifest {

// `asked`: tests learn which fields are read.
Pod decode_pod(const Source& source, const Options& options, Problems& problems,
               std::set<std::string>* asked = nullptr);

Container decode_container(const Fields& container, bool is_init);
std::vector<EnvVar> decode_environment(const Fields& container);
std::vector<EnvFrom> decode_environment_sources(const Fields& container);
FieldRef decode_field_ref(const Fields& field, bool for_volume);
ResourceFieldRef decode_resource_field_ref(const Fields& field, bool for_volume);
void decode_resources(const Fields& container, Container& out);
std::optional<Probe> decode_probe(const Fields& container, const char* key, const std::vector<ContainerPort>& ports);
SecurityContext decode_security(const Fields& container);
PodSecurityContext decode_pod_security(const Fields& spec);
Volume decode_volume(const Fields& volume);
DnsConfig decode_dns_config(const Fields& spec);

}  // namespace tandem::manifest
