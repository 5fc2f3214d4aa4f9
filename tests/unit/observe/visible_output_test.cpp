#include "core/observe/visible_output.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace tandem;
using observe::visible;

TEST_CASE("control characters are shown, and ordinary text is as it was") {
  CHECK(visible("") == "");
  CHECK(visible("pod/a is ready\n\tColumn  \xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\xb3") ==
        "pod/a is ready\n\tColumn  \xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\xb3");
  CHECK(visible("\x1b[31mred\x1b[0m") == "\\u001b[31mred\\u001b[0m");
  CHECK(visible("over\rwritten\b\x07\x7f") == "over\\u000dwritten\\u0008\\u0007\\u007f");
  CHECK(visible(std::string_view("a\0b", 3)) == "a\\u0000b");
  CHECK(visible("\xc2\x9b"
                "31m") == "\\u009b31m");  // CSI as one character
  CHECK(visible("\x9b"
                "31m") == "\\u009b31m");  // and as one byte, of a terminal that knows no UTF-8
  CHECK(visible("a\xe2\x80\xae"
                "b\xe2\x81\xa6"
                "c") == "a\\u202eb\\u2066c");
  CHECK(visible("\xe2\x80\x93") == "\xe2\x80\x93");  // a dash, their neighbour
  CHECK(visible("\xff\xc3") == "\\u00ff\\u00c3");
}

TEST_CASE("in a JSON text it is the same JSON") {
  const std::string value = "a\x1b[0m \xc2\x9b \xe2\x80\xae \xc3\xa4 \"quoted\"";
  const std::string text = nlohmann::json{{"message", value}}.dump();
  CHECK(nlohmann::json::parse(visible(text))["message"] == value);
}

TEST_CASE("however a text is cut into writes, a stream shows the same, and is its own again afterwards") {
  const std::string text = "x\x1b[1m\xc2\x9b\xe2\x80\xae\xc3\xa4\xf0\x9f\x90\xb3\xff y\xe2\x82";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    CAPTURE(size);
    std::ostringstream stream;
    {
      const observe::VisibleOutput door(stream);
      for (std::size_t at = 0; at < text.size(); at += size) stream << text.substr(at, size);
    }
    CHECK(stream.str() == visible(text));
    stream << "\x1b";
    CHECK(stream.str().ends_with("\x1b"));
  }
}
