#include <catch2/catch.hpp>

#include "sidecars/log/encode/syslog_format.hpp"

using namespace tandem::shipper;

TEST_CASE("the words that programs use for levels become severities") {
  CHECK(parse_severity("emerg") == 0);
  CHECK(parse_severity("Panic") == 0);
  CHECK(parse_severity("ALERT") == 1);
  CHECK(parse_severity("critical") == 2);
  CHECK(parse_severity("FATAL") == 2);
  CHECK(parse_severity("error") == 3);
  CHECK(parse_severity("E") == 3);
  CHECK(parse_severity("Warning") == 4);
  CHECK(parse_severity("notice") == 5);
  CHECK(parse_severity("INFO") == 6);
  CHECK(parse_severity("debug") == 7);
  CHECK(parse_severity("trace") == 7);
  CHECK(parse_severity("0") == 0);
  CHECK(parse_severity("7") == 7);
  CHECK(parse_severity("50") == 3);
  for (const char* none : {"", "8", "-1", "35", "loud", "99999999999999999999", "a word that is much too long"})
    CHECK_FALSE(parse_severity(none));
}

TEST_CASE("facilities are words or numbers up to 23") {
  CHECK(parse_facility("kern") == 0);
  CHECK(parse_facility("user") == 1);
  CHECK(parse_facility("authpriv") == 10);
  CHECK(parse_facility("local0") == 16);
  CHECK(parse_facility("local7") == 23);
  CHECK(parse_facility("23") == 23);
  for (const char* none : {"", "24", "-1", "Local0", "local8"}) CHECK_FALSE(parse_facility(none));
}

TEST_CASE("an SD-ID of one's own is a name, an @ and a number") {
  for (const char* good : {"tandem@32473", "a@1", "x@32473.1.2"}) CHECK(is_structured_data_id(good));
  for (const char* bad : {"", "timeQuality", "@1", "a@", "a@x", "a b@1", "a=@1", "a]@1", "a\"@1", "a@1.", "a@.1",
                          "a@1..2", "a-name-that-is-too-long-for-it@32473"})
    CHECK_FALSE(is_structured_data_id(bad));
}
