#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "sidecars/log/ledger.hpp"
#include "sidecars/log/positions.hpp"

using namespace tandem::shipper;

namespace {

Position at(std::uint64_t offset) { return {offset, offset, offset * 7, 1}; }
Segment part(std::uint64_t from, std::uint64_t to) { return {at(from), at(to)}; }

}  // namespace

TEST_CASE("acknowledgements out of order commit in order") {
  Ledger ledger;
  ledger.add(part(0, 10));
  ledger.add(part(10, 20));
  ledger.add(part(20, 30));
  CHECK(ledger.acknowledge(20));
  CHECK(ledger.committed().offset == 0);
  CHECK(ledger.acknowledged_bytes() == 10);
  CHECK(ledger.acknowledge(0));
  CHECK(ledger.committed() == at(10));
  CHECK(ledger.outstanding_bytes() == 10);
  CHECK(ledger.acknowledge(10));
  CHECK(ledger.committed() == at(30));
  CHECK(ledger.all_acknowledged());
}

TEST_CASE("acknowledging twice, or what was never sent, changes nothing") {
  Ledger ledger;
  ledger.add(part(0, 10));
  ledger.add(part(10, 20));
  CHECK_FALSE(ledger.acknowledge(5));
  CHECK(ledger.acknowledge(10));
  CHECK_FALSE(ledger.acknowledge(10));
  CHECK(ledger.committed().offset == 0);
}

TEST_CASE("a gap in the ledger is a bug and is refused") {
  Ledger ledger;
  ledger.add(part(0, 10));
  CHECK_THROWS_AS(ledger.add(part(11, 20)), tandem::Error);
  CHECK_THROWS_AS(ledger.add(part(10, 10)), tandem::Error);
}

TEST_CASE("a batch id names the file and the bytes, and all segments of a mixed batch count") {
  const FileId a{1, 1}, b{2, 2};
  const auto single = make_batch_id({{a, part(5, 9)}});
  CHECK(single == "00000000000000010000000000000001-5-9");
  const auto mixed = make_batch_id({{a, part(5, 9)}, {b, part(0, 3)}});
  CHECK(mixed.starts_with(single + "-"));
  CHECK(mixed != make_batch_id({{a, part(5, 9)}, {b, part(0, 4)}}));
}

TEST_CASE("marks stay few, and are densest at the end") {
  std::vector<Position> marks;
  for (std::uint64_t i = 1; i <= 1000; ++i) add_mark(marks, at(i));
  CHECK(marks.size() <= 32);
  CHECK(marks.back() == at(1000));
  CHECK(marks[marks.size() - 2] == at(999));
  CHECK(marks.front().offset < 500);
}
