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
      {"http://h/in?token=abc&format=json&api_key=x%20y#top", "http://h/in?token=***&format=json&api_key=***#top"},
      {"\"http://h/?X-Amz-Signature=0f\" is refused", "\"http://h/?X-Amz-Signature=***\" is refused"},
      {"http://h/?access_token=", "http://h/?access_token="},
      {"http://h/?a=1&b=2", "http://h/?a=1&b=2"},
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
