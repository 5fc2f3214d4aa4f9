#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "sidecars/log/record/parse_fields.hpp"
#include "tests/unit/log-parsers/shown.hpp"

using namespace tandem::shipper;

TEST_CASE("Of fields with one name the last stays in the first one's place, of few and of many", "[log]") {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> names, texts;
    for (unsigned i = random() % 150; i > 0; --i) {
      names.push_back(std::string(random() % 3, 'a') + std::to_string(random() % (1 + random() % 200)));
      texts.push_back(std::to_string(random()));
    }
    ParsedFields fields;
    for (std::size_t i = 0; i < names.size(); ++i) fields.push_back({names[i], texts[i], false, {}});
    std::vector<std::string> order;
    std::map<std::string, std::string> last;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!last.contains(names[i])) order.push_back(names[i]);
      last[names[i]] = texts[i];
    }
    std::string expected;
    for (const auto& name : order) expected += (expected.empty() ? "" : "|") + name + "=" + last[name];
    drop_repeated_names(fields);
    if (shown(fields) != expected) FAIL(shown(fields) << " is not " << expected);
  }
  SUCCEED();
}

TEST_CASE("Found fields take the places of a record's fields, or go to its end", "[log]") {
  std::vector<Field> record = {{"a", "1", false, {}}, {"b", "2", false, {}}, {"", "3", false, {}}};
  add_fields(record, {{"c", "4", true, {}}, {"b", "5", true, {}}, {"", "6", false, {}}});
  CHECK(shown(record) == "a=1|b:5|=6|c:4");
}
