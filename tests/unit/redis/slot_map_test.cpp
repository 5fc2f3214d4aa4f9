#include "ambassador/redis/slot_map.hpp"

#include <catch2/catch.hpp>

using namespace tandem::redis;

namespace {

bool read(std::string_view bytes, std::vector<SlotRange>& ranges) {
  Reply reply;
  REQUIRE(parse_reply(bytes, reply));
  return read_cluster_slots(reply, "10.0.0.9", ranges);
}

}  // namespace

TEST_CASE("CLUSTER SLOTS is read: ranges, masters, replicas, hosts that the cluster does not know") {
  std::vector<SlotRange> ranges;
  REQUIRE(
      read("*2\r\n*4\r\n:0\r\n:99\r\n*4\r\n$9\r\n127.0.0.1\r\n:7000\r\n$2\r\nid\r\n*0\r\n*3\r\n$0\r\n\r\n:7003\r\n$"
           "2\r\nid\r\n"
           "*3\r\n:100\r\n:16383\r\n*2\r\n$-1\r\n:7001\r\n",
           ranges));
  REQUIRE(ranges.size() == 2);
  REQUIRE(ranges[0].first == 0);
  REQUIRE(ranges[0].last == 99);
  REQUIRE(ranges[0].master == NodeAddress{"127.0.0.1", 7000});
  REQUIRE(ranges[0].replicas == std::vector<NodeAddress>{{"10.0.0.9", 7003}});
  REQUIRE(ranges[1].master == NodeAddress{"10.0.0.9", 7001});
}

TEST_CASE("An odd reply to CLUSTER SLOTS is refused and changes nothing") {
  std::vector<SlotRange> ranges(7);
  for (const char* bytes : {"+OK\r\n", "*1\r\n:1\r\n", "*1\r\n*3\r\n:5\r\n:4\r\n*2\r\n$1\r\na\r\n:1\r\n",
                            "*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n$1\r\na\r\n:1\r\n",
                            "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$1\r\na\r\n:99999\r\n", "*1\r\n*2\r\n:0\r\n:1\r\n"}) {
    CAPTURE(bytes);
    REQUIRE_FALSE(read(bytes, ranges));
    REQUIRE(ranges.size() == 7);
  }
}

namespace {

std::string range_of(unsigned first, unsigned last, const std::string& host) {
  return "*3\r\n:" + std::to_string(first) + "\r\n:" + std::to_string(last) + "\r\n*2\r\n$" +
         std::to_string(host.size()) + "\r\n" + host + "\r\n:7000\r\n";
}

// Every slot a range of its own, of one of `masters`.
std::string shreds(unsigned masters) {
  std::string bytes = "*16384\r\n";
  for (unsigned slot = 0; slot < slot_count; ++slot)
    bytes += range_of(slot, slot, "h" + std::to_string(slot % masters));
  return bytes;
}

}  // namespace

TEST_CASE("CLUSTER SLOTS may have every slot for itself, but none twice, and not more nodes than a cluster has") {
  std::vector<SlotRange> ranges;
  REQUIRE(read(shreds(1000), ranges));
  REQUIRE(ranges.size() == slot_count);
  REQUIRE_FALSE(read(shreds(most_nodes + 1), ranges));
  REQUIRE_FALSE(read("*2\r\n" + range_of(0, 9, "a") + range_of(9, 20, "a"), ranges));
  REQUIRE_FALSE(read("*2\r\n" + range_of(0, 16383, "a") + range_of(0, 16383, "a"), ranges));
  REQUIRE(read("*2\r\n" + range_of(10, 20, "a") + range_of(0, 9, "a"), ranges));
}

TEST_CASE("A slot map counts what it covers and lists the masters by their first slot") {
  SlotMap map;
  REQUIRE_FALSE(map.complete());
  map.assign(100, 16383, 7);
  map.assign(0, 99, 3);
  REQUIRE(map.complete());
  REQUIRE(map.masters() == std::vector<NodeId>{3, 7});
  REQUIRE(map.first_slot_of(7) == 100);
  REQUIRE(map.first_slot_of(9) == slot_count);
  map.assign(5, 5, no_node);
  REQUIRE(map.covered() == 16383);
}

TEST_CASE("Node addresses are written and read in the cluster's way") {
  NodeAddress address;
  REQUIRE(parse_node_address("10.0.0.1:7000@17000", "", address));
  REQUIRE(to_string(address) == "10.0.0.1:7000");
  REQUIRE(parse_node_address("fe80::1:7000", "", address));
  REQUIRE(to_string(address) == "[fe80::1]:7000");
  for (const char* text : {"", "a", "a:", "a:0", "a:65536", "a:x", ":1"})
    REQUIRE_FALSE(parse_node_address(text, "", address));
}

TEST_CASE("CLUSTER NODES names nodes without slots too, by address and by name, and none that is not met yet") {
  REQUIRE(read_cluster_nodes("a1 127.0.0.1:7000@17000 myself,master - 0 0 1 connected 0-16383 [5->-b2]\n"
                             "b2 127.0.0.1:7001@17001,cache-1,shard-id=9 master - 0 0 1 connected\n"
                             "c3 :7002@17002,,shard-id=9 slave a1 0 0 1 connected\r\n"
                             "d4 127.0.0.1:7003@17003 handshake - 0 0 0 connected\n"
                             "e5 :0@0 master,noaddr - 0 0 1 disconnected\n"
                             "f6 ::1:7004@17004 master - 0 0 1 connected",
                             "10.0.0.9") ==
          std::vector<NodeAddress>{
              {"127.0.0.1", 7000}, {"127.0.0.1", 7001}, {"cache-1", 7001}, {"10.0.0.9", 7002}, {"::1", 7004}});
  for (const char* text : {"", "\n\n", "a", "a b", "a b c d", "+OK"}) REQUIRE(read_cluster_nodes(text, "h").empty());
}
