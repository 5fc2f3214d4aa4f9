#include "examples/guestbook/src/entry.hpp"

#include <catch2/catch.hpp>

using namespace tandem;
using namespace tandem::guestbook;

namespace {

std::optional<std::string> posted(const std::string& type, const std::string& body) {
  net::Request request("POST", "/entries");
  if (!type.empty()) request.headers.set("Content-Type", type);
  request.body = body;
  std::string why;
  const auto text = posted_text(request, why);
  CHECK(text.has_value() == why.empty());
  return text;
}

}  // namespace

TEST_CASE("a text comes as a form, as JSON or as it is") {
  CHECK(posted("application/x-www-form-urlencoded", "a=1&text=hello+you%21") == "hello you!");
  CHECK(posted("application/json; charset=utf-8", R"({"text":"hi"})") == "hi");
  CHECK(posted("", "plain") == "plain");
}

TEST_CASE("what is no text is refused") {
  CHECK_FALSE(posted("application/json", "{"));
  CHECK_FALSE(posted("application/json", R"({"text":5})"));
  CHECK_FALSE(posted("application/x-www-form-urlencoded", "other=1"));
  CHECK_FALSE(posted("", ""));
  CHECK_FALSE(posted("", std::string(longest_text + 1, 'x')));
  CHECK_FALSE(posted("", "\xff\xfe"));
}

TEST_CASE("an entry reads back, and strangers' values are passed over") {
  const Entry entry{7, "a \"b\" \xc3\xbc", "2026-11-22T10:00:00Z"};
  const auto again = parse_entry(to_json(entry));
  REQUIRE(again);
  CHECK(again->id == 7);
  CHECK(again->text == entry.text);
  for (const char* text : {"", "5", "{}", R"({"id":"7","text":"","time":""})"}) CHECK_FALSE(parse_entry(text));
}

TEST_CASE("the page shows texts, it does not obey them") {
  const std::string html = page({{1, "<script>alert('x')</script>&\"", "now"}});
  CHECK(html.find("<script>") == std::string::npos);
  CHECK(html.find("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;") != std::string::npos);
}

TEST_CASE("a page without entries says why, and does not obey that either") {
  const std::string html = page_without_entries("<b>Redis</b> is away");
  CHECK(html.find("cannot be reached") != std::string::npos);
  CHECK(html.find("&lt;b&gt;Redis&lt;/b&gt; is away") != std::string::npos);
  CHECK(html.find("<form") == std::string::npos);
}
