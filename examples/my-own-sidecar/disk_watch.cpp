// A sidecar that watches the free space of a volume: a metric, and readiness that says when it runs out.
#include <filesystem>

#include "core/net/timeout.hpp"
#include "core/run/run_program.hpp"

using namespace tandem;

struct DiskWatch final : run::Service {
  std::string path;
  std::uintmax_t least = 0, free = 0;

  net::awaitable<void> run(run::Context& context) override {
    while (!context.draining()) {
      free = std::filesystem::space(path).available;
      context.metrics().gauge("disk_free_bytes").set(static_cast<double>(free));
      co_await net::with_timeout(context.drain_requested(), std::chrono::seconds(1));
    }
  }
  run::Readiness readiness() const override { return {free >= least, path + " is nearly full"}; }
};

std::unique_ptr<run::Service> read(const Document& config, Problems& problems) {
  auto reader = run::read_config(config, problems);
  auto service = std::make_unique<DiskWatch>();
  service->path = reader.string("path", "/");
  service->least = static_cast<std::uintmax_t>(reader.bytes("least", Bytes{64 << 20}).value);
  reader.done();
  return service;
}

int main(int argc, char** argv) {
  run::Program program{.name = "disk-watch", .summary = "watches the free space of a volume", .version = "1.0"};
  program.config = {{"path", "path", "/", "What is watched."}, {"least", "bytes", "64Mi", "Not ready below it."}};
  program.metrics = {{"disk_free_bytes", observe::MetricType::gauge, "Free space."}};
  program.check = [](const Document& config, Problems& problems) { read(config, problems); };
  program.make = [](const Document& config, run::Context&) {
    Problems checked;
    return read(config, checked);
  };
  return run::run_program(program, argc, argv);
}
