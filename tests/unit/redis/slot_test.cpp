#include "ambassador/redis/slot.hpp"

#include <catch2/catch.hpp>

using namespace tandem::redis;

TEST_CASE("The checksum is CRC-16/XMODEM, by its published check value") {
  REQUIRE(crc16("123456789") == 0x31c3);
  REQUIRE(crc16("") == 0);
}

// What CLUSTER KEYSLOT of Redis 7.0.15 said.
TEST_CASE("A key has the slot that CLUSTER KEYSLOT gives it") {
  REQUIRE(key_slot("foo") == 12182);
  REQUIRE(key_slot("bar") == 5061);
  REQUIRE(key_slot("hello") == 866);
  REQUIRE(key_slot("") == 0);
}

TEST_CASE("A hash tag is what stands between the first brace and the next closing one") {
  REQUIRE(key_slot("{foo}bar") == key_slot("foo"));
  REQUIRE(key_slot("a{foo}b{bar}") == key_slot("foo"));
  REQUIRE(key_slot("foo{{bar}}zap") == key_slot("{bar"));
  REQUIRE(key_slot("foo{bar}{zap}") == key_slot("bar"));
}

TEST_CASE("An empty or unfinished hash tag is none") {
  REQUIRE(key_slot("foo{}{bar}") == crc16("foo{}{bar}") % slot_count);
  REQUIRE(key_slot("foo{bar") == crc16("foo{bar") % slot_count);
  REQUIRE(key_slot("foo}bar{") == crc16("foo}bar{") % slot_count);
}
