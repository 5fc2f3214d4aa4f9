#include "core/text/base64.hpp"

#include <catch2/catch.hpp>

using namespace tandem;

TEST_CASE("base64 is that of RFC 4648, section 10") {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [bytes, text] : vectors) {
    CHECK(encode_base64(bytes) == text);
    CHECK(decode_base64(text) == std::string(bytes));
  }
}

TEST_CASE("every byte survives base64") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  CHECK(decode_base64(encode_base64(bytes)) == bytes);
  CHECK(encode_base64("\xff\xfe") == "//4=");
}

TEST_CASE("base64 may be broken into lines") { CHECK(decode_base64("Zm9v\nYmFy\r\n") == "foobar"); }

TEST_CASE("what is no base64 is refused") {
  for (const char* text :
       {"Zg", "Zg=", "Z", "Zg===", "=", "====", "Zm9v=", "Zm 9v", "Zg==Zg==", "Zm9-", "Zm9v====", "Zm9=YmFy", "Zm-_"}) {
    CAPTURE(text);
    CHECK_FALSE(decode_base64(text));
  }
}
