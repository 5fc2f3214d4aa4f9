#include "pods/cli/object_table.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace tandem;
using namespace tandem::cli;
using client::Kind;

TEST_CASE("tables are aligned like kubectl's, with nothing behind the last column") {
  CHECK(align({{"NAME", "DATA"}, {"a-long-name", "1"}}) == "NAME          DATA\na-long-name   1\n");
  std::vector<nlohmann::ordered_json> services;
  services.push_back(nlohmann::ordered_json::parse(R"({
    "metadata": {"name": "r", "namespace": "default"},
    "spec": {"clusterIP": "None", "ports": [{"port": 7000}], "selector": {"app": "r"}}})"));
  CHECK(object_table(Kind::service, services, {true, true}) ==
        "NAMESPACE   NAME   CLUSTER-IP   PORT(S)    SELECTOR\ndefault     r      None         7000/TCP   app=r\n");
}
