// Transforms made of a YAML item, as the program makes them.
#pragma once

#include <algorithm>
#include <memory>
#include <string>

#include "sidecars/log/transform/transform.hpp"

namespace tandem::shipper {

struct Configured {
  Problems problems;
  observe::Metrics metrics{
      {{"tandem_log_parse_failures_total", observe::MetricType::counter, "", {"sink", "transform"}}}};
  std::unique_ptr<Transform> transform;  // nullptr: there are problems

  Configured(const std::string& type, const std::string& yaml) {
    const auto documents = parse_yaml(yaml, "c.yaml", problems);
    Reader item(documents.at(0).root, "c.yaml", "", problems);
    const auto& types = transform_types();
    const auto row = std::find_if(types.begin(), types.end(), [&](const auto& t) { return t.name == type; });
    const MakeTransform make = row->read(item);
    item.done();
    if (problems.empty()) transform = make({"parse", "out", &metrics});
  }
  double failures() { return metrics.counter("tandem_log_parse_failures_total", {"out", "parse"}).value(); }
  std::string problem() const {
    std::string all;
    for (const auto& problem : problems.all()) all += problem.path + ": " + problem.message + "\n";
    return all;
  }
};

}  // namespace tandem::shipper
