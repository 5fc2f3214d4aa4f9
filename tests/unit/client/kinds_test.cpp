#include "pods/client/kinds.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/os/error.hpp"
#include "pods/client/selector.hpp"

using namespace tandem;
using namespace tandem::client;

namespace {

using Names = std::vector<std::pair<Kind, std::string>>;

}

TEST_CASE("kinds and names are read in kubectl's spellings") {
  CHECK(parse_names({"pods", "a", "b"}, false) == Names{{Kind::pod, "a"}, {Kind::pod, "b"}});
  CHECK(parse_names({"po/a", "svc/b"}, false) == Names{{Kind::pod, "a"}, {Kind::service, "b"}});
  CHECK(parse_names({"cm"}, true) == Names{{Kind::config_map, ""}});
  CHECK_THROWS_WITH(parse_names({"pods"}, false), Catch::Contains("--all"));
  CHECK_THROWS_WITH(parse_names({"pod/"}, false), Catch::Contains("KIND/NAME"));
  CHECK_THROWS_WITH(parse_kind("psd"), Catch::Contains("did you mean"));
  CHECK_THROWS_WITH(parse_kind("deployments"), Catch::Contains("one of: pods"));
}

TEST_CASE("a selector matches labels by equality, inequality and presence") {
  const nlohmann::ordered_json object{{"metadata", {{"labels", {{"app", "web"}, {"tier", "front"}}}}}};
  CHECK(matches(object, "app=web"));
  CHECK(matches(object, "app==web,tier!=back,tier"));
  CHECK_FALSE(matches(object, "app=db"));
  CHECK_FALSE(matches(object, "app!=web"));
  CHECK_FALSE(matches(object, "none"));
  CHECK(matches(object, "none!=x"));
  CHECK_THROWS_AS(matches(object, "=x"), Error);
}
