// A real Redis Cluster on loopback: three masters with a replica each, formed by redis-cli.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/redis/raw_client.hpp"
#include "tests/support/servers.hpp"

namespace tandem::test {

class RedisServer {
 public:
  RedisServer(int port, const fs::path& folder, const std::vector<std::string>& options);
  int port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void start();  // again after a kill
  void kill();   // SIGKILL
  void pause();  // SIGSTOP
  void go_on();  // SIGCONT
  // A command on a connection of its own; the raw reply.
  std::string ask(const std::vector<std::string>& args) const;

 private:
  int port_;
  fs::path folder_;
  std::vector<std::string> options_;
  std::unique_ptr<Child> child_;
};

class RedisCluster {
 public:
  RedisCluster();  // waits until every node says cluster_state:ok

  std::vector<std::unique_ptr<RedisServer>>& nodes() { return nodes_; }
  RedisServer& owner_of(int slot);  // as node 0, or the first one alive, says
  RedisServer& by_port(int port);
  std::string id_of(RedisServer& node) { return bulk_text(node.ask({"CLUSTER", "MYID"})); }
  std::vector<std::string> seeds() const;

  // Moves one slot with its keys from its owner to `target`, by the steps of the cluster specification; `between` is
  // called while the slot is half moved (the first half of its keys are at the target).
  void move_slot(int slot, RedisServer& target, const std::function<void()>& between = {});

 private:
  TemporaryDirectory folder_;
  std::vector<std::unique_ptr<RedisServer>> nodes_;
};

// One cluster for every test of the program.
RedisCluster& shared_cluster();

}  // namespace tandem::test
