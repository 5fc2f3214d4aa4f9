// Transforms from the text of their config, for tests.
#pragma once

#include <memory>
#include <string>

#include "core/config/node.hpp"
#include "core/observe/metrics.hpp"
#include "sidecars/log/transform/transform.hpp"

namespace tandem::tests {

// One transform as its YAML has it: transform("drop", "fields: [a]").
struct MadeTransform {
  std::string problems;  // empty: it was made
  std::unique_ptr<shipper::Transform> transform;

  bool apply(shipper::Event& event) { return transform->apply(event); }
};

MadeTransform make_transform(const std::string& type, const std::string& yaml, observe::Metrics* metrics = nullptr,
                             const std::string& sink = "out", const std::string& name = "t");

// The fields as NAME=TEXT, a literal as NAME:TEXT, with blanks between them.
std::string show(const shipper::Event& event);

}  // namespace tandem::tests
