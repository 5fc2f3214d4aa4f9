#include "pods/plan/names.hpp"

#include <catch2/catch.hpp>

using namespace tandem::plan;

namespace {

const Labels web{{"app", "web"}}, web_blue{{"app", "web"}, {"color", "blue"}};
using Addresses = std::vector<std::string>;

}  // namespace

TEST_CASE("a Service stands for the ready pods that it selects, in its own namespace") {
  const auto names = names_of({{"s", "default", web, false}}, {{"a", "default", web_blue, "10.0.0.2", "", "", true},
                                                               {"b", "default", web, "10.0.0.1", "", "", true},
                                                               {"c", "default", web, "10.0.0.3", "", "", false},
                                                               {"d", "other", web, "10.0.0.4", "", "", true},
                                                               {"e", "default", {}, "10.0.0.5", "", "", true},
                                                               {"f", "default", web, "", "", "", true}});
  REQUIRE(names.size() == 1);
  CHECK(names.at("s.default.svc.cluster.local") == Addresses{"10.0.0.1", "10.0.0.2"});
}

TEST_CASE("a Service without pods still has its name") {
  const auto names = names_of({{"s", "default", web, false}}, {});
  CHECK(names.at("s.default.svc.cluster.local").empty());
}

TEST_CASE("a Service without a selector selects nothing, and all its pairs must be there") {
  const std::vector<NamedPod> pods{{"a", "default", web, "10.0.0.2", "", "", true}};
  CHECK(names_of({{"s", "default", {}, false}}, pods).at("s.default.svc.cluster.local").empty());
  CHECK(names_of({{"s", "default", web_blue, false}}, pods).at("s.default.svc.cluster.local").empty());
}

TEST_CASE("publishNotReadyAddresses names pods that are not ready yet") {
  const auto names = names_of({{"s", "default", web, true}}, {{"a", "default", web, "10.0.0.2", "", "", false}});
  CHECK(names.at("s.default.svc.cluster.local") == Addresses{"10.0.0.2"});
}

TEST_CASE("a pod with a hostname, whose subdomain is the Service, has a name below it") {
  const auto names =
      names_of({{"s", "n", web, false}, {"t", "n", web, false}},
               {{"a", "n", web, "10.0.0.2", "host-a", "s", true}, {"b", "n", web, "10.0.0.3", "", "s", true}});
  CHECK(names.at("host-a.s.n.svc.cluster.local") == Addresses{"10.0.0.2"});
  CHECK(names.at("s.n.svc.cluster.local").size() == 2);
  CHECK(names.count("host-a.t.n.svc.cluster.local") == 0);
  CHECK(names.size() == 3);
}
