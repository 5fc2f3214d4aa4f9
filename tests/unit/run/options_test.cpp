#include "core/run/options.hpp"

#include <catch2/catch.hpp>

#include "core/os/error.hpp"

using namespace tandem;
using namespace tandem::run;

namespace {

Options parse(std::vector<const char*> words) {
  words.insert(words.begin(), "prog");
  return parse_options(static_cast<int>(words.size()), words.data());
}

std::string refusal(std::vector<const char*> words) {
  try {
    parse(words);
  } catch (const Error& error) {
    CHECK(error.fault() == Fault::user);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("options come with a space or an equals sign") {
  CHECK(parse({"--config", "a.yaml"}).config_file == "a.yaml");
  CHECK(parse({"--config=a=b.yaml", "--check"}).config_file == "a=b.yaml");
  CHECK(parse({"--check"}).action == Options::Action::check);
  CHECK(parse({"--generate=man"}).generate == "man");
  CHECK(parse({"-h"}).action == Options::Action::help);
  CHECK(parse({}).action == Options::Action::run);
}

TEST_CASE("what is not in the table is refused with a hint") {
  CHECK(refusal({"--cofnig", "x"}).find("did you mean --config?") != std::string::npos);
  CHECK(refusal({"--config"}).find("needs a value") != std::string::npos);
  CHECK(refusal({"--check=yes"}).find("takes no value") != std::string::npos);
  CHECK(refusal({"--generate", "poem"}).find("not one of man") != std::string::npos);
  CHECK(refusal({"file"}).find("no such option") != std::string::npos);
}
