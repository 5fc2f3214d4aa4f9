#include "ambassador/redis/program.hpp"

#include "ambassador/redis/acceptor.hpp"
#include "ambassador/redis/metrics.hpp"
#include "ambassador/redis/settings.hpp"
#include "core/net/timeout.hpp"
#include "core/observe/log.hpp"
#include "core/os/error.hpp"
#include "core/run/version.hpp"

namespace tandem::redis {
namespace {

using namespace std::chrono_literals;

// Of a config that was checked.
Settings settings_of(const Document& config) {
  Problems none;
  Settings settings = read_settings(config, none);
  settings.shard.answers.version = run::version;
  if (!settings.listen.empty()) settings.shard.answers.port = settings.listen.front().port;
  return settings;
}

class RedisService final : public run::Service {
 public:
  RedisService(Settings settings, run::Context& context)
      : listen_(settings.listen),
        has_cluster_(!settings.shard.topology.seeds.empty()),
        shard_(std::make_shared<Shard>(context.io(), std::move(settings.shard), latency_observer(context.metrics()))) {
    for (const net::Endpoint& endpoint : listen_) {
      acceptors_.push_back(std::make_unique<Acceptor>(context.io(), *shard_, endpoint));
      observe::log_info("listening", {{"listen", to_string(acceptors_.back()->endpoint())}});
    }
    show_shard(context.metrics(), shard_);
  }

  net::awaitable<void> run(run::Context& context) override {
    shard_->start();
    co_await context.drain_requested();
    acceptors_.clear();
    shard_->drain();
    while (!shard_->drained() && Clock::now() < context.drain_deadline()) co_await net::sleep_for(10ms);
  }

  bool reload(const Document& config) override {
    Settings fresh = settings_of(config);
    const auto refuse = [](const char* what) {
      throw Error(Fault::user, "reload", what, "it cannot change while running", "restart the container");
    };
    if (fresh.listen != listen_) refuse("listen");
    if (fresh.shard.topology.seeds.empty() == has_cluster_) refuse("cluster, server");
    shard_->use(std::move(fresh.shard));
    return true;
  }

  run::Readiness readiness() const override {
    std::string reason = shard_->not_ready();
    return {reason.empty(), reason};
  }

 private:
  const std::vector<net::Endpoint> listen_;
  const bool has_cluster_;
  std::shared_ptr<Shard> shard_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
};

constexpr const char* example = R"(listen: 127.0.0.1:6379
cluster:
  seeds: ["redis-cluster:7000"]
admin: {listen: "0.0.0.0:9102"}
)";

}  // namespace

run::Program program() {
  run::Program program;
  program.name = "tandem-redis";
  program.summary = "Makes a Redis Cluster look like the one Redis at localhost:6379.";
  program.version = run::version;
  program.config = config_keys();
  program.metrics = metric_table();
  program.example = example;
  program.check = [](const Document& config, Problems& problems) { read_settings(config, problems); };
  program.make = [](const Document& config, run::Context& context) -> std::unique_ptr<run::Service> {
    return std::make_unique<RedisService>(settings_of(config), context);
  };
  return program;
}

}  // namespace tandem::redis
