#include <catch2/catch.hpp>
#include <stdexcept>

#include "core/os/error.hpp"
#include "tests/unit/command_line/kitchen.hpp"

using namespace tandem;
using Words = std::vector<std::string>;

TEST_CASE("the command that is named runs once, after every target is set") {
  const Kitchen kitchen = run({"cook", "soup"});
  CHECK(kitchen.code == 0);
  CHECK(kitchen.ran == Words{"cook"});
  CHECK(kitchen.dish == "soup");
  CHECK(kitchen.out == "");
  CHECK(kitchen.err == "");
}

TEST_CASE("what is not written keeps what was there") {
  const Kitchen kitchen = run({"cook", "soup"});
  CHECK_FALSE(kitchen.quick);
  CHECK(kitchen.style == "plain");
  CHECK(kitchen.minutes == -1);
  CHECK(kitchen.grams == 500);
  CHECK(kitchen.guests.empty());
}

TEST_CASE("flags and options stand before and after words, short and long, with and without an equals sign") {
  const Kitchen kitchen =
      run({"cook", "-q", "soup", "--style=fancy", "ann", "--minutes", "0", "bob", "--grams", "1000"});
  CHECK(kitchen.code == 0);
  CHECK(kitchen.quick);
  CHECK(kitchen.style == "fancy");
  CHECK(kitchen.minutes == 0);
  CHECK(kitchen.grams == 1000);
  CHECK(kitchen.dish == "soup");
  CHECK(kitchen.guests == Words{"ann", "bob"});
  CHECK(run({"cook", "soup", "-qs", "salt"}).spices == Words{"salt"});
  CHECK(run({"cook", "soup", "-ssalt"}).spices == Words{"salt"});
}

TEST_CASE("an option of several texts may be repeated, and may have several words") {
  CHECK(run({"cook", "soup", "-s", "salt", "--spice", "dill"}).spices == Words{"salt", "dill"});
  CHECK(run({"cook", "soup", "-s", "salt", "dill"}).spices == Words{"salt", "dill"});
}

TEST_CASE("an option of one text at a time leaves the next word alone and a list whole") {
  const Kitchen kitchen = run({"cook", "--wish", "[\"hot\",\"much\"]", "soup", "--wish", "late"});
  CHECK(kitchen.wishes == Words{"[\"hot\",\"much\"]", "late"});
  CHECK(kitchen.dish == "soup");
}

TEST_CASE("an option of the parent is understood behind the command too") {
  CHECK(run({"-r", "hall", "cook", "soup"}).room == "hall");
  CHECK(run({"cook", "soup", "-r", "hall"}).room == "hall");
  CHECK(run({"cook", "--room=hall", "soup"}).dish == "soup");
}

TEST_CASE("behind -- there are no options") {
  const Kitchen kitchen = run({"cook", "soup", "-r", "hall", "--", "-q", "--room", "-r"});
  CHECK(kitchen.code == 0);
  CHECK_FALSE(kitchen.quick);
  CHECK(kitchen.room == "hall");
  CHECK(kitchen.guests == Words{"-q", "--room", "-r"});
}

TEST_CASE("a command that takes the rest gets every word as it is, even those that others would understand") {
  const Kitchen kitchen = run({"-r", "hall", "tell", "-h", "--room", "x", "cook", "--", "-q"});
  CHECK(kitchen.code == 0);
  CHECK(kitchen.ran == Words{"tell"});
  CHECK(kitchen.room == "hall");
  CHECK(kitchen.rest == Words{"-h", "--room", "x", "cook", "--", "-q"});
  CHECK(run({"tell"}).rest.empty());
}

TEST_CASE("a tree without commands runs its root") {
  bool ran = false;
  const char* const words[] = {"argv0"};
  CHECK(command_line::run({.name = "one", .help = "Does it", .run = [&] { ran = true; }}, 1, words) == 0);
  CHECK(ran);
}

TEST_CASE("what a command throws comes out as it is") {
  const char* const words[] = {"argv0"};
  const auto failing = [](auto error) {
    return command_line::Command{.name = "one", .help = "Fails", .run = [error] { throw error; }};
  };
  CHECK_THROWS_AS(command_line::run(failing(Error(Fault::input, "read", "x", "no")), 1, words), Error);
  CHECK_THROWS_AS(command_line::run(failing(std::runtime_error("no")), 1, words), std::runtime_error);
}
