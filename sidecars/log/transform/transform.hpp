// What may be done to a record between its source and its sink.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/config/reader.hpp"
#include "core/observe/metrics.hpp"
#include "core/run/config_keys.hpp"
#include "sidecars/log/record/event.hpp"

namespace tandem::shipper {

// Its own state is all it may change besides the event. Applied once to each record of one sink, in the order of the
// file; again after a crash, to what was on its way (for the same records in the same order).
class Transform {
 public:
  virtual ~Transform() = default;
  virtual bool apply(Event& event) = 0;  // false: the record goes no further
};

// What a transform is made in. The pipeline of each sink makes its own.
struct TransformContext {
  std::string name, sink;               // of the transform and of the sink it works for
  observe::Metrics* metrics = nullptr;  // outlives it
};
using MakeTransform = std::function<std::unique_ptr<Transform>(const TransformContext&)>;

// One row for each type. `read` takes the keys of one item of `transforms` that are the type's own, adds what is wrong
// with them to the reader's problems, and gives back how to make it (nothing, when there were problems).
struct TransformType {
  std::string name;       // the word after `type:`
  run::ConfigTable keys;  // its own, without "transforms[]."; a key that several types have has its row in each
  MakeTransform (*read)(Reader& item);
};

const std::vector<TransformType>& transform_types();

}  // namespace tandem::shipper
