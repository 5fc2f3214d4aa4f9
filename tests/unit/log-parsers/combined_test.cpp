#include "sidecars/log/record/parse_combined.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/log-parsers/shown.hpp"

using namespace tandem::shipper;

namespace {

std::string of(std::string_view text) {
  Event event;
  ParsedFields fields;
  if (parse_combined(text, event, fields)) return shown(fields);
  CHECK(fields.empty());
  return "no";
}

const std::string head = "1.2.3.4 - - [22/Nov/2026:10:00:00 +0000] ";
const std::string shown_head = "remote_addr=1.2.3.4|time_local=22/Nov/2026:10:00:00 +0000|";

}  // namespace

TEST_CASE("A line of nginx's combined format gives all its fields", "[log]") {
  CHECK(
      of(R"(2001:db8::1 - bob [22/Nov/2026:10:00:00 +0000] "GET /a?b=c HTTP/1.1" 200 5316 "http://from/" "Mozilla/5.0 (X11) Gecko")") ==
      "remote_addr=2001:db8::1|remote_user=bob|time_local=22/Nov/2026:10:00:00 +0000|method=GET|path=/a?b=c|"
      "protocol=HTTP/1.1|status:200|body_bytes_sent:5316|http_referer=http://from/|http_user_agent=Mozilla/5.0 (X11) "
      "Gecko");
}

TEST_CASE("What is a dash in an access log is left out", "[log]") {
  CHECK(of(head + R"("GET / HTTP/1.1" 304 - "-" "-")") ==
        shown_head + "method=GET|path=/|protocol=HTTP/1.1|status:304");
  CHECK(of(head + R"("GET / HTTP/1.1" 304 0 "" "")") ==
        shown_head + "method=GET|path=/|protocol=HTTP/1.1|status:304|body_bytes_sent:0");
}

TEST_CASE("Apache's common format is the combined one without its end", "[log]") {
  CHECK(of(R"(host.example id frank x [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326)") ==
        "remote_addr=host.example|ident=id|remote_user=frank x|time_local=10/Oct/2000:13:55:36 -0700|method=GET|"
        "path=/a.gif|protocol=HTTP/1.0|status:200|body_bytes_sent:2326");
}

TEST_CASE("A request that is not three words stays whole", "[log]") {
  const std::string end = "|status:400|body_bytes_sent:0";
  CHECK(of(head + R"("\x16\x03\x01" 400 0)") == shown_head + "request=\x16\x03\x01" + end);
  CHECK(of(head + R"("GET /a b HTTP/1.1" 400 0)") == shown_head + "request=GET /a b HTTP/1.1" + end);
  CHECK(of(head + R"("GET /" 400 0)") == shown_head + "request=GET /" + end);
  CHECK(of(head + R"("GET  /" 400 0)") == shown_head + "request=GET  /" + end);
  CHECK(of(head + R"("" 400 0)") == shown_head + "status:400|body_bytes_sent:0");
  CHECK(of(head + R"("-" 000 0)") == shown_head + "status:0|body_bytes_sent:0");
}

TEST_CASE("Escapes of web servers are undone", "[log]") {
  CHECK(of(head + R"("GET /\x22\xc3\xa4 HTTP/1.1" 200 1 "a\"b\\" "\t\q\x2")") ==
        shown_head +
            "method=GET|path=/\"ä|protocol=HTTP/1.1|status:200|body_bytes_sent:1|http_referer=a\"b\\|"
            "http_user_agent=\t\\q\\x2");
}

TEST_CASE("What a longer access log format adds is kept as the rest", "[log]") {
  const std::string begin = head + R"("GET / HTTP/1.1" 200 1)";
  const std::string shown_begin = shown_head + "method=GET|path=/|protocol=HTTP/1.1|status:200|body_bytes_sent:1";
  CHECK(of(begin + R"( "-" "curl" "10.0.0.1" 0.005)") ==
        shown_begin + R"(|http_user_agent=curl|rest="10.0.0.1" 0.005)");
  CHECK(of(begin + " 0.005") == shown_begin + "|rest=0.005");
  CHECK(of(begin + " ") == shown_begin);
}

TEST_CASE("Members of an access log line are its fields as JSON, unless it is long", "[log]") {
  Event event;
  ParsedFields fields;
  const std::string line = head + R"("GET /\x22 HTTP/1.1" 200 007 "-" "a\q\xff")";
  REQUIRE(parse_combined(line, event, fields));
  REQUIRE(fields.size() == 8);
  CHECK(fields[0].member == R"("remote_addr":"1.2.3.4")");
  CHECK(fields[3].member == R"("path":"/\"")");
  CHECK(fields[6].member == R"("body_bytes_sent":7)");
  CHECK(fields[7].member == "\"http_user_agent\":\"a\\\\q\uFFFD\"");
  for (std::size_t i = 1; i < fields.size(); ++i)
    CHECK(fields[i].member.data() == fields[i - 1].member.data() + fields[i - 1].member.size() + 1);
  const std::string path(5000, 'p');
  const std::string long_line = head + "\"GET " + path + " HTTP/1.1\" 200 1";
  REQUIRE(parse_combined(long_line, event, fields));
  CHECK(fields[3].text == path);
  CHECK(fields[3].member.empty());
}

TEST_CASE("What is no access log line is refused", "[log]") {
  for (const std::string& text :
       {std::string(), std::string("hello"), std::string("1.2.3.4 - - "), std::string("1.2.3.4 - [x] "), head,
        std::string("1.2.3.4 - - [22/Nov/2026:10:00:00 +0000"), head + "\"GET / HTTP/1.1", head + "\"GET / HTTP/1.1\"",
        head + "\"GET / HTTP/1.1\" ok 1", head + "\"GET / HTTP/1.1\" 200", head + "\"GET / HTTP/1.1\" 2000 1",
        head + "\"GET / HTTP/1.1\" 200 x", head + "\"GET / HTTP/1.1\" 200 1x", head + "\"GET / HTTP/1.1\" 200 1 \"x",
        head + "\"GET / HTTP/1.1\" 200 1 \"x\\\"", head + "\"GET / HTTP/1.1\" 200 1 \"x\"y",
        std::string(" - - [t] \"GET / HTTP/1.1\" 200 1"), std::string("a - [t] \"GET / HTTP/1.1\" 200 1")}) {
    INFO(text);
    CHECK(of(text) == "no");
  }
}
