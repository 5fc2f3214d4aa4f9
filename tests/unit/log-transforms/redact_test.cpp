#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/os/error.hpp"
#include "sidecars/log/transform/keyed_hash.hpp"
#include "sidecars/log/transform/redactor.hpp"
#include "tests/unit/log-transforms/transforms.hpp"

using namespace tandem;
using namespace tandem::shipper;
using tests::make_transform;

namespace {

std::string redacted(const std::string& pattern, const std::string& text) {
  Finders finders;
  add_finders(pattern, finders);
  Redactor redactor(finders, pattern == "token", {});
  std::string out;
  return redactor.redact(text, out) ? out : text;
}

std::string redacted_json(const std::string& pattern, const std::string& json) {
  Finders finders;
  add_finders(pattern, finders);
  Redactor redactor(finders, pattern == "token", {});
  std::string out;
  const bool changed = redact_json(redactor, json, out);
  CHECK(changed == (out != json));
  CHECK(nlohmann::json::accept(out));
  return out;
}

struct KeyFile {
  explicit KeyFile(const std::string& key) { std::ofstream(path) << key; }
  ~KeyFile() { std::remove(path.c_str()); }
  std::string path = std::string(TANDEM_BINARY_DIR) + "/redact-test.key";
};

}  // namespace

TEST_CASE("redact finds cards with and without separators, alone and among other digits") {
  CHECK(redacted("card", "paid with 4111111111111111.") == "paid with ***.");
  CHECK(redacted("card", "4111 1111 1111 1111") == "***");
  CHECK(redacted("card", "4111-1111-1111-1111 12/27") == "*** 12/27");
  CHECK(redacted("card", "4111 1111 1111 1111 12 27") == "*** 12 27");
  CHECK(redacted("card", "order 17 4111 1111 1111 1111") == "order 17 ***");
  CHECK(redacted("card", "a378282246310005b 6011000990139424") == "a***b ***");
  CHECK(redacted("card", "13 digits: 4222222222222, 19: 6304000000000000000") == "13 digits: ***, 19: ***");
}

TEST_CASE("redact leaves digits alone that are no card") {
  for (const char* text :
       {"4111111111111112", "411111111111111", "4111  1111 1111 1111", "41111111111111111111111",
        "2026-11-22 10:15:00.123456", "", "4111 1111 1111", "4111.1111.1111.1111", "1795382320780", "0000000000000"})
    CHECK(redacted("card", text) == text);
}

TEST_CASE("redact finds mail addresses") {
  CHECK(redacted("mail", "from joe.bloggs+x@mail.example.org, ok") == "from ***, ok");
  CHECK(redacted("mail", "<jörg@exämple.de>") == "<***>");
  CHECK(redacted("mail", "user=a@b.c&x=1") == "user=***&x=1");
  CHECK(redacted("mail", "me@localhost @ home") == "me@localhost @ home");
}

TEST_CASE("redact finds IPv4 addresses, and no versions with other than four numbers") {
  CHECK(redacted("ipv4", "10.0.0.1:8080 -> 192.168.001.254.") == "***:8080 -> ***.");
  CHECK(redacted("ipv4", "::ffff:10.1.2.3") == "::ffff:***");
  for (const char* text : {"1.2.3", "1.2.3.4.5", "256.1.1.1", "1..2.3.4", "1.2.3.1000", "3.14"})
    CHECK(redacted("ipv4", text) == text);
}

TEST_CASE("redact finds IPv6 addresses, and neither times nor names of C++") {
  CHECK(redacted("ipv6", "[2001:db8::1]:443") == "[***]:443");
  CHECK(redacted("ipv6", "from 2001:DB8:0:0:8:800:200C:417A: refused") == "from ***: refused");
  CHECK(redacted("ipv6", "peer:fe80::1%eth0, ::1, ::ffff:1.2.3.4") == "peer:***%eth0, ***, ***");
  for (const char* text : {"10:15:00", "std::string", "00:1a:2b:3c:4d:5e", "a :: b", "::", "x::y", "12345::1"})
    CHECK(redacted("ipv6", text) == text);
}

TEST_CASE("redact finds tokens of all kinds") {
  CHECK(redacted("token", "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1g ok") ==
        "got *** ok");
  CHECK(redacted("token", "Authorization: Bearer abc.def~1+/=") == "Authorization: Bearer ***");
  CHECK(redacted("token", "authorization: Basic dXNlcjpwYXNz") == "authorization: Basic ***");
  CHECK(redacted("token", "key AKIAIOSFODNN7EXAMPLE used") == "key *** used");
  CHECK(redacted("token", "https://joe:p@ss@host/x?api_key=abc123&page=2") ==
        "https://joe:***@host/x?api_key=***&page=2");
  CHECK(redacted("token", "password=hunter2 user=joe") == "password=*** user=joe");
  CHECK(redacted("token", "DB_PASSWORD: 'two words', x") == "DB_PASSWORD: '***', x");
  CHECK(redacted("token", R"({"password":"a\"b c","user":"joe"})") == R"({"password":"***","user":"joe"})");
  CHECK(redacted("token", R"("body":"{\"client_secret\": \"a b\", \"n\":1}")") ==
        R"("body":"{\"client_secret\": \"***\", \"n\":1}")");
  CHECK(redacted("token", "X-Api-Key: 0123; accessToken = abc") == "X-Api-Key: ***; accessToken = ***");
  CHECK(redacted("token", "secret_key=x password=\"no end") == "secret_key=*** password=\"***");
  for (const char* text : {"12 tokens: 512", "the password is wrong", "bearer", "monkey=1", "password="})
    CHECK(redacted("token", text) == text);
}

TEST_CASE("redact takes any bytes for part of a secret, so that invalid UTF-8 hides nothing") {
  CHECK(redacted("token",
                 "password=ab\xff\xfe"
                 "cd x") == "password=*** x");
  CHECK(redacted("mail", "j\xffn@x.org") == "***");
  CHECK(redacted("card",
                 "\xff"
                 "4111111111111111\xff") == "\xff***\xff");
  auto redact = make_transform("redact", "patterns: [{name: id, regex: 'id=[^ ]+'}]");
  REQUIRE(redact.problems == "");
  Event event;
  event.set("message",
            "id=a\xff"
            "b x");
  CHECK(redact.apply(event));
  CHECK(event.text("message") == "*** x");
}

TEST_CASE("redact replaces of a pattern of one's own its group, or all of it") {
  auto redact =
      make_transform("redact", "{patterns: [{name: user, regex: 'user=(\\w+)'}, {regex: 'Z+|$'}], with: '[gone]'}");
  REQUIRE(redact.problems == "");
  Event event;
  event.set({"message", "user=joe ZZ", false, "\"message\":\"user=joe ZZ\""});
  event.set("other", "user=joe");
  CHECK(redact.apply(event));
  CHECK(tests::show(event) == "message=user=[gone] [gone] other=user=joe");
  CHECK(event.find("message")->member == "");
}

TEST_CASE("redact replaces once what is found twice") {
  auto redact = make_transform("redact", "patterns: [card, token, mail]");
  REQUIRE(redact.problems == "");
  Event event;
  event.set("message", "password=4111 1111 1111 1111 token=a@b.org;");
  CHECK(redact.apply(event));
  CHECK(event.text("message") == "password=*** token=***;");
}

TEST_CASE("redact searches JSON: strings, escaped ones, keys and numbers, and what comes out is JSON") {
  CHECK(redacted_json("card", R"({"a":"4111111111111111","b":[4111111111111111, -4111111111111111.0]})") ==
        R"({"a":"***","b":["***", "-***.0"]})");
  CHECK(redacted_json("card", R"({"\u0034111 1111\u00201111 1111":"x\"y"})") == R"({"***":"x\"y"})");
  CHECK(redacted_json("mail", R"(["\ud83d\ude00\u00e9 \u0041@b.org\n\ud83d"])") ==
        "[\"\xF0\x9F\x98\x80\xC3\xA9 ***\\n\xEF\xBF\xBD\"]");
  CHECK(redacted_json("card", R"({"a":"\u0041","n":1e5,"t":true})") == R"({"a":"\u0041","n":1e5,"t":true})");
}

TEST_CASE("redact takes what a JSON member holds for a secret when its name says so") {
  CHECK(redacted_json("token", R"({"password" : "x", "user":"joe","pwd":12,"token":null})") ==
        R"({"password" : "***", "user":"joe","pwd":"***","token":null})");
  CHECK(redacted_json("token", R"({"apiKey":["a",{"b":"c","d":[1]}],"e":"f"})") ==
        R"({"apiKey":["***",{"b":"***","d":["***"]}],"e":"f"})");
  CHECK(redacted_json("token", R"([{"secret":{}},"a",{"x":{"secret":[]},"y":"b"}])") ==
        R"([{"secret":{}},"a",{"x":{"secret":[]},"y":"b"}])");
  CHECK(redacted_json("card", R"({"password":"x"})") == R"({"password":"x"})");
}

TEST_CASE("redact lets nothing of JSON through that is none") {
  for (const char* json : {R"({"a":"4111)", R"({"a":"\x"})", R"(["\u12"])", R"(["\)"})
    CHECK(redacted_json("card", json) == "\"***\"");
}

TEST_CASE("redact takes fields by their names, literals and secrets among them") {
  auto redact = make_transform("redact", "{fields: [\"*\"], patterns: [card, token]}");
  REQUIRE(redact.problems == "");
  Event event;
  event.set({"n", "4111111111111111", true, "\"n\":4111111111111111"});
  event.set("db_password", "x");
  event.set("pwd", "12", true);
  event.set("secret", "null", true);
  event.set("http", R"({"token":"a"})", true);
  event.set("ok", "true", true);
  event.set("credentials", R"(["a"])", true);
  CHECK(redact.apply(event));
  CHECK(tests::show(event) ==
        "n=*** db_password=*** pwd=*** secret:null http:{\"token\":\"***\"} ok:true credentials=***");
  CHECK(event.find("n")->member == "");
}

TEST_CASE("a hash is the same for the same secret and another for another key") {
  // printf 4111111111111111 | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef: 7b7e6cb2715c7b1c..., with
  // its 1st, 9th and 16th digit made letters
  CHECK(keyed_hash("0123456789abcdef0123456789abcdef", "4111111111111111") == "bb7e6cb2b15c7b1c");
  KeyFile file("0123456789abcdef0123456789abcdef\n");
  auto redact = make_transform("redact", "{patterns: [card, token], with: hash, keyFile: \"" + file.path + "\"}");
  REQUIRE(redact.problems == "");
  Event event;
  event.set("message", "4111 1111 1111 1111; 4111-1111-1111-1111; password=4111111111111111");
  CHECK(redact.apply(event));
  CHECK(event.text("message") == "bb7e6cb2b15c7b1c; bb7e6cb2b15c7b1c; password=bb7e6cb2b15c7b1c");
  CHECK(keyed_hash("another key of enough bytes", "4111111111111111") != "bb7e6cb2b15c7b1c");
}

TEST_CASE("a hash's key is in a file that is there and long enough") {
  KeyFile file("short\n");
  CHECK_THROWS_WITH(make_transform("redact", "{patterns: [card], with: hash, keyFile: \"" + file.path + "\"}"),
                    Catch::Contains("fewer than 16 bytes"));
  CHECK_THROWS_AS(make_transform("redact", "{patterns: [card], with: hash, keyFile: /nonexistent/key}"), Error);
}

TEST_CASE("redact says what is wrong with its config") {
  const auto problems = [](const std::string& yaml) { return make_transform("redact", yaml).problems; };
  CHECK(problems("{}").find("patterns: a list of at least one is needed") != std::string::npos);
  CHECK(problems("patterns: card").find("a list of at least one is needed") != std::string::npos);
  CHECK(problems("patterns: [cards]").find("did you mean \"card\"?") != std::string::npos);
  CHECK(problems("patterns: [{name: x}]").find("{name: NAME, regex: PATTERN}") != std::string::npos);
  CHECK(problems("patterns: [{regex: '('}]").find("is not valid: missing )") != std::string::npos);
  CHECK(problems("{patterns: [card], with: hash}").find("with: hash needs a keyFile") != std::string::npos);
  CHECK(problems("{patterns: [card], keyFile: /k}").find("is only for with: hash") != std::string::npos);
  CHECK(problems("{patterns: [card], with: ''}").find("must not be empty") != std::string::npos);
}
