#include "core/run/load.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::run;

namespace {

const char* no_environment(const std::string&) { return nullptr; }

Program sample() {
  Program program;
  program.name = "sample";
  program.config = {{"count", "integer", "1", "How many."}, {"auth.password", "string", "", "Secret.", true}};
  program.check = [](const Document& config, Problems& problems) {
    auto reader = read_config(config, problems);
    reader.integer("count", 1, 0, 10);
    auto auth = reader.object("auth");
    if (const auto password = auth.string("password"); password.starts_with("bad"))
      auth.problem("password", "\"" + password + "\" is too bad", "not " + password);
    auth.done();
    reader.done();
  };
  return program;
}

std::string check(const std::string& text) {
  test::TemporaryDirectory directory;
  write_file(directory / "c.yaml", text);
  Problems problems;
  auto program = sample();
  auto config = load_config(program, directory / "c.yaml", no_environment, problems);
  if (!problems.has_errors()) check_config(program, config, problems);
  std::string all;
  for (const auto& problem : problems.all()) {
    auto bare = problem;
    bare.file = "c";
    all += to_string(bare) + "\n";
  }
  return all;
}

}  // namespace

TEST_CASE("a good config has no problems, an empty one neither") {
  CHECK(check("count: 3\nadmin: {listen: \"127.0.0.1:0\"}\n") == "");
  CHECK(check("") == "");
}

TEST_CASE("all problems come at once, and an unknown key only once") {
  auto all = check("count: 11\ncuont: 1\nadmin: {listen: nowhere}\nlog: {level: loud}\ndrain: {timeout: soon}\n");
  CHECK(std::count(all.begin(), all.end(), '\n') == 5);
  for (const char* part :
       {"c:1:8: count: 11 is out of range", "c:2:1: unknown field \"cuont\"; did you mean \"count\"?",
        "c:3:17: admin.listen: \"nowhere\" is not HOST:PORT", "c:4:14: log.level: \"loud\" is none of",
        "c:5:18: drain.timeout: a duration"}) {
    INFO(all);
    CHECK(all.find(part) != std::string::npos);
  }
}

TEST_CASE("a second document is a problem") {
  CHECK(check("count: 1\n---\ncount: 2\n").find("one document") != std::string::npos);
}

TEST_CASE("a file that is not there is an error that names it") {
  Problems problems;
  CHECK_THROWS_AS(load_config(sample(), "/nowhere/c.yaml", no_environment, problems), Error);
}

TEST_CASE("the config file can come from the environment") {
  test::TemporaryDirectory directory;
  static std::string path;
  path = directory / "c.yaml";
  write_file(path, "count: 7\n");
  Problems problems;
  auto config = load_config(
      sample(), "", [](const std::string& name) { return name == "SAMPLE_CONFIG" ? path.c_str() : nullptr; }, problems);
  CHECK(config.root.find("count")->as_integer() == 7);
}

TEST_CASE("a secret's value is in no problem, whatever is wrong with it") {
  for (const char* text : {"auth: {password: 12345}", "auth: {password: true}", "auth: {password: [hunter2]}",
                           "auth: {password: {hunter2}}", "auth: {password: {hunter2: hunter2}}",
                           "auth: {password: *hunter2}", "auth: {password: !hunter2}", "auth: {password: !!hunter2 x}",
                           "auth: {password: badhunter2}", "auth: {password: 1.5e3}",
                           "auth: {password: 2026-11-30, passwrod: hunter2}", "auth: [hunter2]", "auth: hunter2"}) {
    const auto all = check(std::string(text) + "\ncount: 77\n");
    INFO(text << "\n" << all);
    for (const char* secret : {"hunter2", "12345", "true", "1.5e3"}) CHECK(all.find(secret) == std::string::npos);
    CHECK(all.find("c:1:") != std::string::npos);
  }
  CHECK(check("auth: {password: 12345}\n") ==
        "c:1:18: auth.password: a string is wanted, not an integer; write it in quotes: \"***\"\n");
  CHECK(check("auth: {password: bad}\ncount: 77\n").find("77 is out of range") != std::string::npos);
}

TEST_CASE("a FIFO for a config is an error that says so, at once") {
  test::TemporaryDirectory directory;
  REQUIRE(::mkfifo((directory / "c.yaml").c_str(), 0600) == 0);
  Problems problems;
  CHECK_THROWS_WITH(load_config(sample(), directory / "c.yaml", no_environment, problems),
                    Catch::Matchers::Contains("it is a FIFO"));
}
