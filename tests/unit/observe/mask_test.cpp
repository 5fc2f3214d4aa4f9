#include "core/observe/mask.hpp"

#include <catch2/catch.hpp>

#include "core/observe/log.hpp"

using namespace tandem::observe;

TEST_CASE("what a URL says of passwords and tokens is masked, and the rest of the text stays") {
  const struct {
    const char *text, *masked;
  } rows[] = {
      {"http://user:pw@host/path: HTTP status 500", "http://user:***@host/path: HTTP status 500"},
      {"https://0123abcd@host/", "https://***@host/"},
      {"http://user:p@w:x@host/", "http://user:***@host/"},
      {"http://h/in?token=abc&format=json&api_key=x%20y#top", "http://h/in?token=***&format=json&api_key=***#***"},
      {"\"http://h/?X-Amz-Signature=0f\" is refused", "\"http://h/?X-Amz-Signature=***\" is refused"},
      {"http://h/?access_token=", "http://h/?access_token="},
      {"http://h/?a=1&b=2", "http://h/?a=***&b=***"},
      {"http://h/?module=http_2xx&target=h:80/x&pretty failed",
       "http://h/?module=http_2xx&target=h:80/x&pretty failed"},
      {"http://h/?target=http%3A%2F%2Fu%3Ap%40h&format=a@b", "http://h/?target=***&format=***"},
      {"\"https://u:SEC RET@h/\" has spaces", "\"https://u:***@h/\" has spaces"},
      {"https://u:SEC RET@h/ has spaces", "https://u:***@h/ has spaces"},
      {"https://SEC RET@h/", "https://***@h/"},
      {"https://u:SEC/RET@h/", "https://u:***@h/"},
      {"\"https://u:S/E C@h/x\" is none", "\"https://u:***@h/x\" is none"},
      {"https://u:S\"EC@h/", "https://u:***@h/"},
      {"http://h/?code=S&sas=S&sig=S&sid=S&bearer=S", "http://h/?code=***&sas=***&sig=***&sid=***&bearer=***"},
      {"http://h/?t%6fken=SECRET", "http://h/?t%6fken=***"},
      {"http://h/?x=1;token=SECRET", "http://h/?x=***;token=***"},
      {"http://h/p;token=SECRET?a=1", "http://h/p;token=***?a=***"},
      {"http://h/#token=SECRET", "http://h/#token=***"},
      {"http://h/#k=SECRET: refused", "http://h/#k=***: refused"},
      {"http://h/?SECRET", "http://h/?***"},
      {"http://h/?U0VDUkVU=", "http://h/?***"},
      {"http://h/?U0VDUkVU==&page=2", "http://h/?***&page=2"},
      {"\"unix:/x?token=SEC RET\" is no path; see \"a\"", "\"unix:/x?token=***\" is no path; see \"a\""},
      {"unix:/run/x.sock: refused", "unix:/run/x.sock: refused"},
      {"\"http://h/?\ttoken=SECRET\"", "\"http://h/?\ttoken=***\""},
      {"http://h/? token=SECRET", "http://h/? token=***"},
      {"\" http://h/?a=SEC\"RET\": no", "\" http://h/?a=***\": no"},
      {"h:80?t%6fken=SECRET;sid=S and", "h:80?t%6fken=*** and"},
      {"http://[::1]:9090/a@b: x, http://h:80/@scope/x, http://h: root@h is away",
       "http://[::1]:9090/a@b: x, http://h:80/@scope/x, http://h:***@h is away"},
      {"http://a/x, http://u:p@b/, c", "http://a/x, http://u:***@b/, c"},
      {"a && b; c # d? e=f", "a && b; c # d? e=f"},
      {"did you mean \"name\"?", "did you mean \"name\"?"},
      {"write to ops@example.org, or root@[::1]", "write to ops@example.org, or root@[::1]"},
      {"@ ? & ?=", "@ ? & ?="},
      {"", ""},
  };
  for (const auto& row : rows) CHECK(mask_credentials(row.text) == row.masked);
}

TEST_CASE("a log line has no passwords and tokens of URLs in it") {
  const std::string line =
      format_log_line(0, Level::info, "get http://a:hunter2@h/ failed", {{"url", "http://h/?token=hunter2"}});
  CHECK(line.find("hunter2") == std::string::npos);
  CHECK(line.find("http://h/?token=***") != std::string::npos);
}
