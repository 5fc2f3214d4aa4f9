#include "pods/plan/expand.hpp"

#include <catch2/catch.hpp>

using namespace tandem::plan;

// The table of kubernetes/third_party/forked/golang/expansion/expand_test.go.
TEST_CASE("$(VAR) expands as in Kubernetes") {
  const std::vector<EnvironmentEntry> variables{{"VAR_A", "A", false},
                                                {"VAR_B", "B", false},
                                                {"VAR_C", "C", false},
                                                {"VAR_REF", "$(VAR_A)", false},
                                                {"VAR_EMPTY", "", false}};
  const std::pair<const char*, const char*> cases[] = {
      {"$(VAR_A)", "A"},
      {"___$(VAR_B)___", "___B___"},
      {"___$(VAR_C)", "___C"},
      {"$(VAR_A)-$(VAR_A)", "A-A"},
      {"$(VAR_A)$(VAR_B)", "AB"},
      {"$(VAR_EMPTY)", ""},
      {"foo$(VAR_EMPTY)bar", "foobar"},
      {"$(VAR_REF)", "$(VAR_A)"},
      {"$(VAR_DNE)", "$(VAR_DNE)"},
      {"$$(VAR_A)", "$(VAR_A)"},
      {"$$$(VAR_A)", "$A"},
      {"$$$$(VAR_A)", "$$(VAR_A)"},
      {"\\$(VAR_A)", "\\A"},
      {"f000-$$VAR_A", "f000-$VAR_A"},
      {"foo\\\\$(VAR_C)bar", "foo\\\\Cbar"},
      {"$VAR_A", "$VAR_A"},
      {"$(VAR_A", "$(VAR_A"},
      {"$", "$"},
      {"$$", "$"},
      {"", ""},
      {"$(", "$("},
      {"$()", "$()"},
      {"$?_bar", "$?_bar"},
      {"foo$(VAR_Awhoops)bar", "foo$(VAR_Awhoops)bar"},
      {"$(VAR_A)$", "A$"},
      {"foo$", "foo$"},
      {"$$FOO", "$FOO"},
  };
  for (const auto& [input, expected] : cases) {
    INFO(input);
    CHECK(expand(input, variables).text == expected);
  }
}

TEST_CASE("expanding tells which variables were missing, and whether a secret is in the text") {
  const std::vector<EnvironmentEntry> variables{{"A", "a", false}, {"S", "s", true}};
  CHECK_FALSE(expand("$(A)", variables).secret);
  CHECK(expand("$(A)$(S)", variables).secret);
  CHECK(expand("$(X)$(A)$(Y)", variables).missing == std::vector<std::string>{"X", "Y"});
}
