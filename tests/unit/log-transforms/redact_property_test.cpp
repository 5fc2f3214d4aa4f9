#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>

#include "sidecars/log/transform/redactor.hpp"
#include "tests/unit/log-transforms/cards.hpp"

using namespace tandem;
using namespace tandem::shipper;

namespace {

// Texts that are nearly all digits and what may stand between them, many of them with cards.
std::string random_text(std::mt19937_64& random) {
  static const std::vector<std::string> pieces = {"4111111111111111",
                                                  "4111 1111 1111 1111",
                                                  "378282246310005",
                                                  "0000000000000",
                                                  "4222222222222",
                                                  "-",
                                                  " ",
                                                  "  ",
                                                  "1",
                                                  "12",
                                                  "1111",
                                                  "987654",
                                                  "x",
                                                  "\xff",
                                                  "\"",
                                                  "\\",
                                                  "password=",
                                                  "a@b.org",
                                                  ".",
                                                  "/",
                                                  "token: "};
  std::string text;
  for (auto n = random() % 12; n > 0; --n) text += pieces[random() % pieces.size()];
  return text;
}

Finders finders_of(std::initializer_list<const char*> names) {
  Finders finders;
  for (const char* name : names) add_finders(name, finders);
  return finders;
}

bool any_string_has_card(const nlohmann::json& json) {
  if (json.is_string()) return tests::has_card(json.get<std::string>());
  if (json.is_number()) return tests::has_card(json.dump());
  if (!json.is_structured()) return false;
  for (const auto& [key, value] : json.items())
    if (tests::has_card(key) || any_string_has_card(value)) return true;
  return false;
}

}  // namespace

TEST_CASE("the slow judge of cards knows one") {
  CHECK(tests::has_card("x 4111 1111-1111 1111 9"));
  CHECK_FALSE(tests::has_card("4111 1111 1111 1112"));
}

TEST_CASE("whatever the text, redact leaves no card in it, and touches none that has no secret") {
  std::mt19937_64 random(7);
  Replacement hash;
  hash.kind = Replacement::Kind::hash;
  hash.key = "0123456789abcdef";
  Redactor masking(finders_of({"card"}), false, {}), hashing(finders_of({"card", "mail", "token"}), true, hash);
  std::string out;
  int with_card = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string text = random_text(random);
    const bool has = tests::has_card(text);
    with_card += has;
    INFO(text);
    REQUIRE(masking.redact(text, out) == has);
    REQUIRE_FALSE(tests::has_card(out));
    if (hashing.redact(text, out)) REQUIRE_FALSE(tests::has_card(out));
  }
  CHECK(with_card > 5000);
}

TEST_CASE("whatever the JSON, redact leaves no card in it, and what comes out is JSON of the same shape") {
  std::mt19937_64 random(11);
  Redactor redactor(finders_of({"card", "mail"}), false, {});
  std::string out;
  for (int i = 0; i < 5000; ++i) {
    nlohmann::json json;
    for (auto n = random() % 4; n > 0; --n) {
      json["k" + std::to_string(n)] = {
          random_text(random), 4111111111111111, true, nullptr, {{"x", random_text(random)}}};
    }
    const std::string text = json.dump(-1, ' ', random() % 2, nlohmann::json::error_handler_t::replace);
    redact_json(redactor, text, out);
    INFO(text);
    const auto after = nlohmann::json::parse(out, nullptr, false);
    REQUIRE_FALSE(after.is_discarded());
    REQUIRE_FALSE(any_string_has_card(after));
    REQUIRE(after.size() == json.size());
  }
}
