#include <catch2/catch.hpp>

#include "sidecars/log/encode/placed_records.hpp"
#include "sidecars/log/encode/redis_format.hpp"
#include "tests/unit/log-encode/records.hpp"

using namespace tandem::shipper;
using namespace tandem::test;

namespace {

const std::vector<Field> fields = {text("source", "app"), literal("size", "12"), text("message", "a\r\n\0b\xff")};

PlacedRecord first_of(const std::string& body) {
  PlacedRecord record;
  REQUIRE(PlacedRecords(body).next(record));
  return record;
}

}  // namespace

TEST_CASE("an entry in JSON is one field, record, with the whole record") {
  const std::string body = body_of(*make_redis_format(RedisEntry::json), {{text("message", "hello")}});
  const PlacedRecord record = first_of(body);
  CHECK(record.parts == 2);
  CHECK(record.content ==
        "$6\r\nrecord\r\n$56\r\n{\"time\":\"2025-11-22T12:00:00.123456Z\",\"message\":\"hello\"}\r\n");
}

TEST_CASE("an entry in fields has the record's fields with their bytes, and its time") {
  const std::string body = body_of(*make_redis_format(RedisEntry::fields), {fields});
  const PlacedRecord record = first_of(body);
  CHECK(record.parts == 8);
  CHECK(record.content ==
        "$4\r\ntime\r\n$27\r\n2025-11-22T12:00:00.123456Z\r\n$6\r\nsource\r\n$3\r\napp\r\n$4\r\nsize\r\n$2\r\n12\r\n"
        "$7\r\nmessage\r\n$3\r\na\r\n\r\n");
}

TEST_CASE("a field called time takes the place of the record's own") {
  const std::string body = body_of(*make_redis_format(RedisEntry::fields), {{text("time", "now")}});
  CHECK(first_of(body).content == "$4\r\ntime\r\n$3\r\nnow\r\n");
}

TEST_CASE("a record with more fields than a script can pass on is written as JSON") {
  std::vector<std::string> names;
  for (int i = 0; i < 2000; ++i) names.push_back("f" + std::to_string(i));
  std::vector<Field> many;
  for (const auto& name : names) many.push_back(text(name, "x"));
  const std::string body = body_of(*make_redis_format(RedisEntry::fields), {many});
  CHECK(first_of(body).parts == 2);
  CHECK(first_of(body).content.starts_with("$6\r\nrecord\r\n"));
}

TEST_CASE("records in a body know their places, and follow each other") {
  const std::string body = body_of(*make_redis_format(RedisEntry::json), {fields, fields, fields});
  PlacedRecords records(body);
  PlacedRecord record;
  std::vector<std::uint64_t> offsets;
  while (records.next(record)) {
    CHECK(record.file == FileId{0x0123456789abcdef, 0xfedcba9876543210});
    CHECK(record.time_ns == noon_ns);
    CHECK(record.key.empty());
    offsets.push_back(record.offset);
  }
  CHECK(offsets == std::vector<std::uint64_t>{0, 100, 200});
}
