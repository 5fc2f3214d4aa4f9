#include <catch2/catch.hpp>

#include "tests/unit/command_line/kitchen.hpp"

using namespace tandem::command_line;

TEST_CASE("help goes to stdout, ends with 0 and runs nothing, whatever else is missing") {
  for (const char* word : {"-h", "--help"}) {
    const Kitchen kitchen = run({"cook", word});
    CHECK(kitchen.code == 0);
    CHECK(kitchen.ran.empty());
    CHECK(kitchen.err == "");
    CHECK(kitchen.out.starts_with("Cook a dish\nUsage: kitchen cook [OPTIONS] dish [guests...]\n"));
    CHECK(kitchen.out.find("\nAll is eaten.\n") != std::string::npos);
  }
  CHECK(run({"--help"}).out.starts_with("Makes meals.\nUsage: kitchen [OPTIONS] SUBCOMMAND\n"));
}

TEST_CASE("a page shows values and defaults as help does") {
  Kitchen kitchen;
  const std::string help = run({"cook", "--help"}).out;
  const Command tree = kitchen.tree();
  std::vector<std::string> values, defaults;
  for (const Option& option : tree.commands.front().options) {
    values.push_back(value_text(option));
    defaults.push_back(default_text(option));
    CHECK(help.find(value_text(option)) != std::string::npos);
  }
  CHECK(values == std::vector<std::string>{"TEXT", "TEXT", "", "TEXT:{plain,fancy}", "SPICE", "TEXT",
                                           "MINUTES:NONNEGATIVE", "UINT:UINT in [10 - 1000]"});
  CHECK(defaults == std::vector<std::string>{"", "", "", "plain", "", "", "", "500"});
}

TEST_CASE("the option for help stands first, but not where every word is taken as it is") {
  Kitchen kitchen;
  const Command tree = kitchen.tree();
  const std::vector<Option> options = all_options(tree);
  REQUIRE(options.size() == 2);
  CHECK(options[0].names == "-h,--help");
  CHECK(options[1].names == "-r,--room");
  CHECK(value_text(options[0]) == "");
  CHECK(default_text(options[0]) == "");
  CHECK(run({"--help"}).out.find(options[0].names + "                   " + options[0].help) != std::string::npos);
  CHECK(all_options(tree.commands[1]).empty());
}

TEST_CASE("words by their place are told from options") {
  CHECK(is_positional({.names = "dish", .help = ""}));
  CHECK_FALSE(is_positional({.names = "--style", .help = ""}));
}
