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
  program.config = {{"count", "integer", "1", "How many."},
                    {"auth.password", "string", "", "Secret.", true},
                    {"items[].name", "string", "", "Each."}};
  program.check = [](const Document& config, Problems& problems) {
    auto reader = read_config(config, problems);
    reader.integer("count", 1, 0, 10);
    auto auth = reader.object("auth");
    if (const auto password = auth.string("password"); password.starts_with("bad"))
      auth.problem("password", "\"" + password + "\" is too bad", "not " + password);
    auth.done();
    reader.each("items", [](Reader& item) {
      item.required_string("name");
      item.done();
    });
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

// As many that work for each pair of them would take hours.
TEST_CASE("a config that is wrong in very many places has a hundred of them told, and how many more there are") {
  const auto told = [](const std::string& text) {
    test::TemporaryDirectory directory;
    write_file(directory / "c.yaml", text);
    Problems problems;
    auto config = load_config(sample(), directory / "c.yaml", no_environment, problems);
    if (!problems.has_errors()) check_config(sample(), config, problems);
    CHECK(problems.has_errors());
    return problems.text();
  };
  const auto lines = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
  const auto repeated = [](int times, const std::string& part) {
    std::string all;
    for (int i = 0; i < times; ++i) all += part;
    return all;
  };
  std::string unknown = "count: 1\n", many_unknown;
  for (int i = 0; i < 5'000; ++i) unknown += "k" + std::to_string(i) + ": 1\n";
  for (int i = 0; i < 200'000; ++i) many_unknown += "k" + std::to_string(i) + ": 1\n";
  std::string below = "items:\n- name: x\n";
  for (int i = 0; i < 50'000; ++i) below += "  k" + std::to_string(i) + ": {a: 1}\n";

  const struct {
    std::string text, first, last;
  } rows[] = {
      {unknown, ":2:1: unknown field \"k0\"", ": 4900 more problems; mend these first\n"},
      {many_unknown, ":1:1: unknown field \"k0\"", ": at least 10000 more problems; mend these first\n"},
      {below, ":3:3: items[0]: unknown field \"k0\"", ": at least 10000 more problems; mend these first\n"},
      {"items: [" + repeated(50'000, "[],") + "]", ":1:9: items[0]: a mapping is wanted, not a list\n",
       ": at least 10000 more problems; mend these first\n"},
      {repeated(100'000, "a: 1\n"), ":2:1: the key \"a\" stands here twice; first on line 1\n",
       ": at least 10000 more problems; mend these first\n"},
      {repeated(102, "a: 1\n"), ":2:1: the key", ": 1 more problem; mend these first\n"},
  };
  for (const auto& row : rows) {
    const std::string all = told(row.text);
    CAPTURE(row.first, all.substr(0, 200));
    CHECK(lines(all) == 101);
    CHECK(all.find(row.first) < 100);
    CHECK(all.ends_with(row.last));
  }
  CHECK(lines(told(repeated(101, "a: 1\n"))) == 100);
}

TEST_CASE("a key that does not look like one is not shown: the file may be another's") {
  const std::string line = "-----BEGIN KEY----- MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7";
  CHECK(check(line + ": 1\n").find("c:1:1: unknown field (a key of 72 bytes); known here: ") == 0);
  const std::string all = check("$6$salt$hash: x\n\"line\\nline\": 1\n\"\": 1\nk.e-y_9: 1\n" + std::string(64, 'x') +
                                ": 1\n" + std::string(65, 'y') + ": 1\n");
  CAPTURE(all);
  CHECK(std::count(all.begin(), all.end(), '\n') == 6);
  CHECK(all.find("salt") == std::string::npos);
  CHECK(all.find("yyy") == std::string::npos);
  for (const char* shown : {"(a key of 12 bytes)", "(a key of 9 bytes)", "(a key of 0 bytes)", "\"k.e-y_9\"", "xxx\"",
                            "(a key of 65 bytes)"})
    CHECK(all.find(shown) != std::string::npos);
  CHECK(check("$6$salt$hash: x\n$6$salt$hash: y\n") ==
        "c:2:1: the key (a key of 12 bytes) stands here twice; first on line 1\n");
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
