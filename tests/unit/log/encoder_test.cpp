#include <catch2/catch.hpp>
#include <random>

#include "sidecars/log/encode/encoder.hpp"
#include "sidecars/log/hash.hpp"
#include "sidecars/log/json_text.hpp"

using namespace tandem::shipper;

namespace {

std::string escaped(std::string_view bytes) {
  Buffer out;
  append_json_text(bytes, out);
  return std::string(out.view());
}

std::string slow_escaped(const std::string& bytes) {  // ASCII only
  std::string out;
  for (const char c : bytes) {
    char hex[8];
    if (c == '"' || c == '\\') {
      out += std::string("\\") + c;
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::snprintf(hex, sizeof hex, "\\u%04x", c);
      out += hex;
    } else {
      out += c;
    }
  }
  return out;
}

std::string encoded(const Line& line, Format format = Format::json) {
  const auto encoder = make_line_encoder(format, {"web-1", "shop", ""});
  encoder->begin(1'700'000'000'123'456'789, "app", "/logs/a.log", FileId{1, 2});
  Buffer out;
  encoder->append(line, out);
  return std::string(out.view());
}

}  // namespace

TEST_CASE("the hash is XXH64") {
  CHECK(hash64("") == 0xEF46DB3751D8E999);
  CHECK(hash64("a") == 0xD24EC4F1A98C6E5B);
  CHECK(hash64("abc") == 0x44BC2CF5AD770999);
  CHECK(hash64("Call me Ishmael. Some years ago--never mind how long precisely-") == 0x02A2E85470D6FD96);
}

TEST_CASE("text is escaped as JSON wants it") {
  CHECK(escaped("plain") == "plain");
  CHECK(escaped("\"\\\n\r\t") == "\\\"\\\\\\n\\r\\t");
  CHECK(escaped(std::string_view("\0\x1f\x7f", 3)) == "\\u0000\\u001f\x7f");
  CHECK(escaped("\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80") == "\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80");
}

TEST_CASE("each maximal part of invalid UTF-8 becomes one replacement character") {
  const std::string r = "\xEF\xBF\xBD";
  CHECK(escaped("\xff\xfe") == r + r);
  CHECK(escaped("a\xC3") == "a" + r);
  CHECK(escaped("\xE2\x82 b") == r + " b");             // a cut-off euro sign is one part
  CHECK(escaped("\xE0\x80\x80") == r + r + r);          // overlong
  CHECK(escaped("\xED\xA0\x80") == r + r + r);          // a surrogate
  CHECK(escaped("\xF4\x90\x80\x80") == r + r + r + r);  // past U+10FFFF
  CHECK(escaped("\xF0\x9F\x98") == r);
}

TEST_CASE("the fast way of escaping agrees with the slow one for every length and alignment") {
  std::mt19937 random(5);
  for (int round = 0; round < 3000; ++round) {
    std::string text(random() % 70, ' ');
    for (auto& c : text) c = static_cast<char>(random() % 8 ? 0x20 + random() % 0x5f : random() % 0x80);
    CHECK(escaped(text) == slow_escaped(text));
  }
}

TEST_CASE("long text is escaped across blocks") {
  std::string text(4095, 'x');
  text += "\xE2\x82\xAC";  // begins in one block, ends in the next
  text += std::string(10'000, '"');
  CHECK(escaped(text).size() == 4095 + 3 + 20'000);
}

TEST_CASE("a record says when, where from, and what") {
  CHECK(encoded({"hi \"x\"\r", 7, 7, 0, true, true}) ==
        "{\"time\":\"2023-11-14T22:13:20.123456Z\",\"source\":\"app\",\"file\":\"/logs/a.log\",\"pod\":\"web-1\","
        "\"namespace\":\"shop\",\"offset\":7,\"message\":\"hi \\\"x\\\"\"}\n");
}

TEST_CASE("pieces of a line say which line, which number, and whether it is the last") {
  CHECK(encoded({"x", 9, 7, 2, true, true})
            .find(",\"piece\":{\"id\":\"00000000000000010000000000000002:7\",\"number\":2,\"last\":true}}\n") !=
        std::string::npos);
  CHECK(encoded({"x", 9, 9, 0, true, false}).ends_with("\"message\":\"x\",\"unterminated\":true}\n"));
}

TEST_CASE("raw lines are as they were, pieces without a newline between them") {
  CHECK(encoded({"a\r", 0, 0, 0, true, true}, Format::raw) == "a\r\n");
  CHECK(encoded({"a", 0, 0, 0, false, false}, Format::raw) == "a");
}

TEST_CASE("a record is the same whether it is short and written at once, or long and written in blocks") {
  std::mt19937 random(3);
  for (const std::size_t length : {0u, 1u, 15u, 16u, 17u, 500u, 4080u, 4095u, 4096u, 4097u, 9000u}) {
    std::string text;
    const std::string_view pieces[] = {"plain", "\"",           "\\",      "\n", std::string_view("\0", 1),
                                       "\xff",  "\xE2\x82\xAC", "\xE2\x82"};
    while (text.size() < length) text += pieces[random() % std::size(pieces)];
    text.resize(length);
    const std::string record = encoded(Line{text, 7, 7, 0, true, true});
    CHECK(record.ends_with("\"offset\":7,\"message\":\"" + escaped(text) + "\"}\n"));
  }
}

TEST_CASE("a buffer that was moved from is empty, and can be used again") {
  Buffer one;
  one.append("text");
  Buffer two = std::move(one);
  one.append("more");
  CHECK(one.view() == "more");
  CHECK(two.view() == "text");
}
