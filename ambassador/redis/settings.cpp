#include "ambassador/redis/settings.hpp"

namespace tandem::redis {
namespace {

using namespace std::chrono_literals;

net::Endpoint read_endpoint(Reader& reader, const std::string& key, const std::string& text) {
  std::string why;
  const auto endpoint = net::parse_endpoint(text, why);
  if (!endpoint) reader.problem(key, why, "HOST:PORT");
  return endpoint.value_or(net::Endpoint{});
}

void read_listen(Reader& reader, std::vector<net::Endpoint>& listen) {
  const Node* node = reader.node("listen");
  if (!node || node->is_scalar()) {
    listen.push_back(read_endpoint(reader, "listen", node ? node->text : "127.0.0.1:6379"));
    return;
  }
  reader.each("listen", [&](Reader& item) {
    const bool tcp = item.has("tcp"), unix_path = item.has("unix");
    if (item.has("tls")) {
      item.allow("tls");
      item.problem("tls", "listening with TLS is not there yet", "listen on tcp: 127.0.0.1, which stays in the pod");
    } else if (tcp == unix_path) {
      item.problem("", "must have either tcp or unix");
    }
    if (tcp) listen.push_back(read_endpoint(item, "tcp", item.required_string("tcp")));
    if (unix_path) listen.push_back(read_endpoint(item, "unix", "unix:" + item.required_string("unix")));
    item.done();
  });
  if (listen.empty()) reader.problem("listen", "nothing to listen on");
}

bool read_node_address(Reader& reader, const std::string& key, const std::string& text, NodeAddress& address) {
  const auto endpoint = read_endpoint(reader, key, text);
  if (endpoint.is_unix()) {
    reader.problem(key, "a node behind a Unix socket is not there yet", "HOST:PORT");
    return false;
  }
  address = {endpoint.host, endpoint.port};
  return endpoint.port != 0;
}

// Who writes auth wants a password: an empty one, as of a secret that is not there, is not taken for none.
void read_auth(Reader& above, std::string& username, std::string& password) {
  above.allow("auth");
  if (!above.self().find("auth")) return;
  Reader auth = above.object("auth");
  username = auth.string("username", username);
  password = auth.required_string("password");
  auth.done();
}

void refuse_tls(Reader& backend) {
  if (!backend.has("tls")) return;
  backend.allow("tls");
  backend.problem("tls", "TLS to the nodes is not there yet");
}

void read_cluster(Reader& reader, ShardOptions& shard) {
  Reader cluster = reader.object("cluster");
  for (const std::string& seed : cluster.strings("seeds")) {
    NodeAddress address;
    if (read_node_address(cluster, "seeds", seed, address)) shard.topology.seeds.push_back(address);
  }
  if (shard.topology.seeds.empty() && !cluster.has("seeds"))
    cluster.problem("seeds", "needs at least one node of the cluster", "seeds: [\"redis-cluster:7000\"]");
  read_auth(cluster, shard.nodes.username, shard.nodes.password);
  refuse_tls(cluster);
  cluster.done();
}

void read_server(Reader& reader, ShardOptions& shard) {
  Reader server = reader.object("server");
  read_node_address(server, "address", server.required_string("address"), shard.server);
  read_auth(server, shard.nodes.username, shard.nodes.password);
  refuse_tls(server);
  server.done();
}

void read_backend(Reader& reader, ShardOptions& shard) {
  for (const char* later : {"sentinel", "backends"}) {
    if (!reader.has(later)) continue;
    reader.allow(later);
    reader.problem(later, "is not there yet", "use cluster: {seeds: [...]} or server: {address: ...}");
  }
  const bool cluster = reader.has("cluster"), server = reader.has("server");
  if (cluster && server) reader.problem("server", "stands beside cluster; there can be one of them");
  if (!cluster && !server && !reader.has("sentinel") && !reader.has("backends"))
    reader.problem("", "no Redis is named", "cluster: {seeds: [\"HOST:PORT\"]} or server: {address: \"HOST:PORT\"}");
  if (cluster) read_cluster(reader, shard);
  if (server) read_server(reader, shard);
}

std::size_t at_least(Reader& reader, const std::string& key, std::int64_t fallback, std::int64_t least) {
  const Bytes bytes = reader.bytes(key, Bytes{fallback});
  if (bytes.value < least) reader.problem(key, "must be at least " + to_string(Bytes{least}));
  return static_cast<std::size_t>(bytes.value);
}

void read_limits(Reader& reader, ShardOptions& shard) {
  Reader limits = reader.object("limits");
  shard.most_clients = static_cast<std::size_t>(limits.integer("clients", 10'000, 1, 1'000'000));
  shard.clients.pipeline = static_cast<std::size_t>(limits.integer("pipeline", 1024, 1, 1'000'000));
  shard.clients.output_bytes = at_least(limits, "outputBuffer", std::int64_t{64} << 20, 4096);
  const std::size_t request = at_least(limits, "requestSize", std::int64_t{512} << 20, 4096);
  if (request > std::size_t{2} << 30) limits.problem("requestSize", "must be at most 2Gi");
  shard.clients.request.request_bytes = request;
  shard.nodes.queue_bytes = at_least(limits, "nodeQueue", std::int64_t{256} << 20, 4096);
  shard.nodes.reply_bytes = at_least(limits, "replySize", std::int64_t{512} << 20, std::int64_t{64} << 10);
  shard.client_memory = at_least(limits, "clientMemory", std::int64_t{512} << 20, std::int64_t{64} << 10);
  shard.held_bytes = at_least(limits, "waiting", std::int64_t{64} << 20, 0);
  limits.done();
}

void read_timeouts(Reader& reader, ShardOptions& shard) {
  Reader timeouts = reader.object("timeouts");
  const auto positive = [&](const char* key, std::chrono::nanoseconds fallback) {
    const auto time = timeouts.duration(key, fallback);
    if (time <= 0ns) timeouts.problem(key, "must be more than 0");
    return time;
  };
  shard.nodes.connect_timeout = positive("connect", 1s);
  shard.nodes.request_timeout = positive("request", 5s);
  shard.topology.period = positive("refresh", 30s);
  shard.topology.answer_timeout = shard.nodes.connect_timeout;
  timeouts.done();
}

}  // namespace

const run::ConfigTable& config_keys() {
  static const run::ConfigTable keys = {
      {"listen", "address, or list of {tcp} and {unix}", "127.0.0.1:6379", "Where the main program finds its Redis."},
      {"listen[].tcp", "address", "", "HOST:PORT."},
      {"listen[].unix", "path", "", "A Unix socket."},
      {"cluster.seeds", "list of addresses", "",
       "Nodes of the Redis Cluster to ask for the others; a name stands for all its addresses."},
      {"cluster.auth.username", "string", "", "For AUTH to the nodes; absent: the default user."},
      {"cluster.auth.password", "string", "", "For AUTH to the nodes; without auth: none is sent.", true},
      {"server.address", "address", "", "One Redis without a cluster, instead of cluster."},
      {"server.auth.username", "string", "", "For AUTH to the server; absent: the default user."},
      {"server.auth.password", "string", "", "For AUTH to the server; without auth: none is sent.", true},
      {"auth.username", "string", "default", "Whom clients must name in AUTH."},
      {"auth.password", "string", "", "What clients must send with AUTH; without auth: nothing.", true},
      {"timeouts.connect", "duration", "1s", "To connect to a node, and for its answer about the slots."},
      {"timeouts.request", "duration", "5s",
       "The longest that a client waits for a reply, a failover included; then it gets an error."},
      {"timeouts.refresh", "duration", "30s", "How often the slot map is asked for when nothing happens."},
      {"limits.clients", "integer", "10000", "Connections; one more gets an error."},
      {"limits.pipeline", "integer", "1024", "Requests of one client without a reply; then it is not read."},
      {"limits.outputBuffer", "bytes", "64Mi", "Replies that a client has not taken; then it is not read."},
      {"limits.requestSize", "bytes", "512Mi", "The largest request."},
      {"limits.replySize", "bytes", "512Mi", "The largest reply of a node; for a larger one its client gets an error."},
      {"limits.clientMemory", "bytes", "512Mi",
       "What clients have sent of requests and not taken of replies, all together; past it the client with the most is "
       "closed, as Redis does by maxmemory-clients. Memory is up to three times as much, and a reply's size."},
      {"limits.nodeQueue", "bytes", "256Mi", "Requests on their way to one node."},
      {"limits.waiting", "bytes", "64Mi", "Requests that wait for a failover; more get an error."},
  };
  return keys;
}

Settings read_settings(const Document& config, Problems& problems) {
  Settings settings;
  Reader reader = run::read_config(config, problems);
  read_listen(reader, settings.listen);
  read_backend(reader, settings.shard);
  read_timeouts(reader, settings.shard);
  read_limits(reader, settings.shard);
  settings.shard.answers.username = "default";
  read_auth(reader, settings.shard.answers.username, settings.shard.answers.password);
  reader.done();
  return settings;
}

}  // namespace tandem::redis
