#include "tests/support/redis/cluster.hpp"

#include <csignal>
#include <functional>
#include <stdexcept>

#include "tests/support/skip.hpp"

namespace tandem::test {

std::string reason_to_skip() {
  for (const char* program : {"redis-server", "redis-cli"})
    if (find_program(program).empty()) return std::string(program) + " is not there (tests/support/unpack-servers)";
  return "";
}

namespace {

using namespace std::chrono_literals;

// Cluster nodes listen on their port + 10000 too: no port that free_port gives.
int free_node_port() {
  for (int tries = 0; tries < 200; ++tries) {
    const int port = free_port();
    if (!can_connect(port + 10000)) return port;
  }
  throw std::runtime_error("no free port for a cluster node");
}

bool says(const RedisServer& node, const std::vector<std::string>& args, const std::string& text) {
  try {
    return node.ask(args).find(text) != std::string::npos;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

RedisServer::RedisServer(int port, const fs::path& folder, const std::vector<std::string>& options)
    : port_(port), folder_(folder / std::to_string(port)), options_(options) {
  fs::create_directories(folder_);
}

void RedisServer::start() {
  std::vector<std::string> argv = {find_program("redis-server"),
                                   "--port",
                                   std::to_string(port_),
                                   "--bind",
                                   "127.0.0.1",
                                   "--dir",
                                   folder_,
                                   "--save",
                                   "",
                                   "--appendonly",
                                   "no"};
  argv.insert(argv.end(), options_.begin(), options_.end());
  child_ = std::make_unique<Child>(argv, folder_ / "log");
  if (!wait_until([&] { return can_connect(port_); })) throw std::runtime_error("redis-server did not start");
}

void RedisServer::kill() {
  child_->signal(SIGKILL);
  child_->wait();
}

void RedisServer::pause() { child_->signal(SIGSTOP); }
void RedisServer::go_on() { child_->signal(SIGCONT); }

std::string RedisServer::ask(const std::vector<std::string>& args) const {
  RawClient client(port_);
  return client.ask(args);
}

RedisCluster::RedisCluster() {
  std::vector<std::string> argv = command_of("redis-cli");
  argv.insert(argv.end(), {"--cluster", "create"});
  for (int i = 0; i < 6; ++i) {
    nodes_.push_back(std::make_unique<RedisServer>(
        free_node_port(), folder_.path(),
        std::vector<std::string>{"--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf",
                                 "--cluster-node-timeout", "1500", "--cluster-replica-validity-factor", "0",
                                 "--enable-debug-command", "yes"}));
    nodes_.back()->start();
    argv.push_back(nodes_.back()->address());
  }
  argv.insert(argv.end(), {"--cluster-replicas", "1", "--cluster-yes"});
  const CommandResult created = run_command(argv);
  if (created.status.code != 0) throw std::runtime_error("redis-cli --cluster create: " + created.output);
  const auto formed = [&] {
    int replicas = 0;
    for (const auto& node : nodes_) {
      if (!says(*node, {"CLUSTER", "INFO"}, "cluster_state:ok")) return false;
      replicas += says(*node, {"INFO", "replication"}, "master_link_status:up");
    }
    return replicas == 3;
  };
  if (!wait_until(formed)) throw std::runtime_error("the cluster was not formed");
}

std::vector<std::string> RedisCluster::seeds() const { return {nodes_[0]->address(), nodes_[5]->address()}; }

RedisServer& RedisCluster::by_port(int port) {
  for (auto& node : nodes_)
    if (node->port() == port) return *node;
  throw std::runtime_error("no node has port " + std::to_string(port));
}

RedisServer& RedisCluster::owner_of(int slot) {
  for (auto& node : nodes_) {
    if (!can_connect(node->port())) continue;
    redis::Reply slots;
    const std::string bytes = node->ask({"CLUSTER", "SLOTS"});
    if (!redis::parse_reply(bytes, slots)) continue;
    for (const redis::Reply& range : slots.items)
      if (range.items[0].integer <= slot && slot <= range.items[1].integer)
        return by_port(static_cast<int>(range.items[2].items[1].integer));
  }
  throw std::runtime_error("no node owns the slot");
}

void RedisCluster::move_slot(int slot, RedisServer& target, const std::function<void()>& between) {
  RedisServer& source = owner_of(slot);
  const std::string number = std::to_string(slot);
  target.ask({"CLUSTER", "SETSLOT", number, "IMPORTING", id_of(source)});
  source.ask({"CLUSTER", "SETSLOT", number, "MIGRATING", id_of(target)});
  const auto move_keys = [&](int most) {
    redis::Reply keys;
    const std::string bytes = source.ask({"CLUSTER", "GETKEYSINSLOT", number, std::to_string(most)});
    if (!redis::parse_reply(bytes, keys) || keys.items.empty()) return false;
    for (const redis::Reply& key : keys.items)
      source.ask({"MIGRATE", "127.0.0.1", std::to_string(target.port()), std::string(key.text), "0", "5000"});
    return true;
  };
  redis::Reply count;
  const std::string bytes = source.ask({"CLUSTER", "COUNTKEYSINSLOT", number});
  redis::parse_reply(bytes, count);
  if (count.integer > 1) move_keys(static_cast<int>(count.integer / 2));
  if (between) between();
  while (move_keys(100)) {
  }
  const std::string id = id_of(target);
  target.ask({"CLUSTER", "SETSLOT", number, "NODE", id});
  for (auto& node : nodes_) node->ask({"CLUSTER", "SETSLOT", number, "NODE", id});
}

RedisCluster& shared_cluster() {
  static RedisCluster cluster;
  return cluster;
}

}  // namespace tandem::test
