#include "core/text/words.hpp"

#include <catch2/catch.hpp>
#include <cctype>

using namespace tandem;

TEST_CASE("words are joined with something between each two, also where one is empty") {
  CHECK(joined({}, ", ") == "");
  CHECK(joined({"a"}, ", ") == "a");
  CHECK(joined({"a", "b", "c"}, ", ") == "a, b, c");
  CHECK(joined({"", "a", ""}, " ") == " a ");
}

TEST_CASE("kinds of characters are those of the C locale, for every byte") {
  for (int byte = 0; byte < 256; ++byte) {
    CAPTURE(byte);
    const char c = static_cast<char>(byte);
    CHECK(is_digit(c) == (std::isdigit(byte) != 0));
    CHECK(is_hex(c) == (std::isxdigit(byte) != 0));
    CHECK(lower(c) == static_cast<char>(std::tolower(byte)));
  }
}

TEST_CASE("a text is lower as its letters are, and bytes beyond ASCII stay") {
  CHECK(lower("Content-TYPE") == "content-type");
  CHECK(lower("\xc3\x84rger") == "\xc3\x84rger");
  CHECK(lower("") == "");
}
