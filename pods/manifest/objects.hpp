// The kinds that stand beside a Pod.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pods/manifest/metadata.hpp"

namespace tandem::manifest {

struct ConfigMap {
  Source source;
  Metadata metadata;
  std::map<std::string, std::string> data, binary_data;  // binaryData decoded; no key is in both
};

struct Secret {
  Source source;
  Metadata metadata;
  std::string type = "Opaque";
  std::map<std::string, std::string> data;  // decoded; stringData wins over data
};

struct ServicePort {
  std::string name, protocol = "TCP";
  int port = 0;
  std::string target;  // a number or a port's name; empty: the same port
};

// A Service is a name for the addresses of the pods it selects; there is no virtual address.
struct Service {
  Source source;
  Metadata metadata;
  bool headless = false;  // clusterIP: None
  TextMap selector;
  std::vector<ServicePort> ports;
  bool publish_not_ready_addresses = false;
};

}  // namespace tandem::manifest
