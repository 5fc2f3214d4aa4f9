#include "core/observe/log.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/os/pipe.hpp"

using namespace tandem;
using namespace tandem::observe;

TEST_CASE("a line is one JSON object with time, level, message and fields of every kind") {
  auto line = format_log_line(1'763'804'096'789'000, Level::warning, "retrying",
                              {{"text", "a"}, {"count", 3}, {"ratio", 0.5}, {"on", true}}, ",\"pod\":\"p\"");
  CHECK(
      line ==
      R"({"time":"2025-11-22T09:34:56.789Z","level":"warning","message":"retrying","pod":"p","text":"a","count":3,"ratio":0.5,"on":true})");
}

TEST_CASE("whatever bytes come, the line stays one line of valid JSON") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  bytes += "\xed\xa0\x80 \xf4\x90\x80\x80 \xc0\x80 \xe2\x82";  // a surrogate, past the end, overlong, cut
  bytes += "\xe2\x82\xac \xf0\x9f\x98\x80";                    // fine
  auto line = format_log_line(0, Level::info, bytes, {{bytes, bytes}, {"nan", 0.0 / 0.0}});
  CHECK(line.find('\n') == std::string::npos);
  auto json = nlohmann::json::parse(line);
  CHECK(json["message"].get<std::string>().ends_with("\xe2\x82\xac \xf0\x9f\x98\x80"));
  CHECK(json["nan"].is_null());
  CHECK(json["time"] == "1970-01-01T00:00:00.000Z");
}

TEST_CASE("only lines of the level or above are written") {
  auto pipe = make_pipe();
  set_log_fd(pipe.write_end.get());
  set_log_level(Level::warning);
  log_info("hidden");
  log_error("shown", {{"n", 1}});
  set_log_level(Level::info);
  set_log_fd(2);
  pipe.write_end.reset();
  auto text = read_to_end(pipe.read_end.get());
  CHECK(text.find("hidden") == std::string::npos);
  CHECK(text.ends_with("\n"));
  CHECK(nlohmann::json::parse(text)["message"] == "shown");
}

TEST_CASE("levels are read by name") {
  CHECK(parse_level("debug") == Level::debug);
  CHECK_FALSE(parse_level("loud"));
}

TEST_CASE("a clock before 1970 gives a time that can be read") {
  CHECK(format_log_line(-1, Level::info, "m", {}).find("\"time\":\"1969-12-31T23:59:59.999Z\"") != std::string::npos);
  CHECK(format_log_line(-1'000, Level::info, "m", {}).find("\"1969-12-31T23:59:59.999Z\"") != std::string::npos);
  CHECK(format_log_line(-1'000'000, Level::info, "m", {}).find("\"1969-12-31T23:59:59.000Z\"") != std::string::npos);
}
