// The parts of a sink's pipeline, put together from the config.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/observe/metrics.hpp"
#include "sidecars/log/encode/encoder.hpp"
#include "sidecars/log/settings.hpp"
#include "sidecars/log/tailer.hpp"

namespace tandem::shipper {

bool takes(const SinkSettings& sink, const Source& source);

// `dropped` is told the name of a transform for each record that it drops.
std::unique_ptr<Encoder> make_encoder(const Settings& settings, const SinkSettings& sink, observe::Metrics& metrics,
                                      std::function<void(const std::string& transform)> dropped);

// What the Tailer of a sink does; drops are counted.
TailerOptions tailer_options(const Settings& settings, const SinkSettings& sink, observe::Metrics& metrics);

}  // namespace tandem::shipper
