#include "examples/guestbook/src/access_log.hpp"

#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using guestbook::access_line;
using guestbook::AccessLog;
using namespace std::chrono_literals;

TEST_CASE("a request is one line, whatever its client sends") {
  net::Request request("GET", "/entries?a=\"x\"\n\\");
  request.peer = "10.0.0.7:4711";
  const net::Response response(200, "12345");
  const std::string line =
      access_line(request, response, std::chrono::system_clock::time_point(1'700'000'000s), 1500us);
  CHECK(line ==
        "10.0.0.7 - - [14/Nov/2023:22:13:20 +0000] \"GET /entries?a=\\x22x\\x22\\x0A\\x5C HTTP/1.1\" 200 5 0.001500\n");
}

TEST_CASE("the proxy beside it may say who asked, nobody else") {
  net::Request request("GET", "/");
  request.peer = "10.0.0.7:4711";
  request.headers.set("X-Real-IP", "1.2.3.4");
  const auto line = [&] { return access_line(request, net::Response(200), {}, 0us); };
  CHECK_THAT(line(), Catch::StartsWith("10.0.0.7 "));
  request.peer_is_local = true;
  CHECK_THAT(line(), Catch::StartsWith("1.2.3.4 "));
}

TEST_CASE("the log is renamed when it is full, two are kept, and no line is torn or lost") {
  test::TemporaryDirectory directory;
  const fs::path path = directory / "access.log";
  AccessLog log(path, 100);
  for (int i = 10; i < 40; ++i) log.write("line " + std::to_string(i) + " ....\n");  // 13 bytes: 7 in a file
  CHECK(list_directory(directory.path()) == std::vector<std::string>{"access.log", "access.log.1", "access.log.2"});
  CHECK(read_file(directory / "access.log").size() == 2 * 13);
  CHECK(read_file(directory / "access.log.1").size() == 7 * 13);
  CHECK_THAT(read_file(directory / "access.log.2"), Catch::StartsWith("line 24") && Catch::EndsWith("line 30 ....\n"));
  CHECK(log.lines() == 30);
  CHECK(log.lost() == 0);
  AccessLog again(path, 100);
  again.write("more\n");
  CHECK(read_file(path).size() == 2 * 13 + 5);
}
