#include "sidecars/log/sinks/body_parts.hpp"

#include <catch2/catch.hpp>

using namespace tandem::shipper;

TEST_CASE("a part has as many whole lines as fit, and one at least") {
  const std::string_view lines = "one\ntwo\nthree\n";
  CHECK(first_part(lines, 100) == lines);
  CHECK(first_part(lines, lines.size()) == lines);
  CHECK(first_part(lines, lines.size() - 1) == "one\ntwo\n");
  CHECK(first_part(lines, 8) == "one\ntwo\n");
  CHECK(first_part(lines, 7) == "one\n");
  CHECK(first_part(lines, 1) == "one\n");
  CHECK(first_part(lines, 0) == "one\n");
  CHECK(first_part("a line without its end", 3) == "a line without its end");
  CHECK(first_part("", 3).empty());
}

TEST_CASE("a part that was too large gets smaller until it is one line") {
  std::string lines;
  while (lines.size() < 1000) lines += "0123456789\n";
  CHECK(smaller_part(lines) == 512);
  CHECK(smaller_part(first_part(lines, 512)) == 256);
  CHECK(smaller_part(first_part(lines, 32)) == 16);
  CHECK(smaller_part(first_part(lines, 16)) == 0);
  CHECK(smaller_part("without its end") == 0);
}

TEST_CASE("parts have names of their own, a whole body its batch's") {
  const std::string_view body = "one\ntwo\n";
  CHECK(part_id("id", body, body) == "id");
  CHECK(part_id("id", body, body.substr(0, 4)) == "id-part-0-4");
  CHECK(part_id("id", body, body.substr(4)) == "id-part-4-4");
}
