#include "adapter/metrics/health.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace tandem::metrics;

namespace {

SourceState state(const std::string& name, bool up, bool required) {
  auto source = std::make_shared<Source>();
  source->name = source->container = name;
  source->required = required;
  SourceState made;
  made.source = source;
  made.up = up;
  made.reason = up ? "" : "refused";
  return made;
}

}  // namespace

TEST_CASE("the pod is healthy when every required source is up") {
  Scrape scrape;
  scrape.sources = {state("a", true, true), state("b", false, false)};
  auto health = pod_health(&scrape, false);
  CHECK(health.healthy);
  auto json = nlohmann::json::parse(health.json);
  CHECK(json["status"] == "ok");
  CHECK(json["sources"][1]["reason"] == "refused");
}

TEST_CASE("the reason names the source that is down") {
  Scrape scrape;
  scrape.sources = {state("a", true, true), state("b", false, true)};
  auto health = pod_health(&scrape, false);
  CHECK_FALSE(health.healthy);
  CHECK(nlohmann::json::parse(health.json)["reason"] == "b is down: refused");
}

TEST_CASE("an unknown state and draining are not healthy") {
  CHECK_FALSE(pod_health(nullptr, false).healthy);
  Scrape scrape;
  CHECK_FALSE(pod_health(&scrape, true).healthy);
}

TEST_CASE("a source's URL is shown without its token: anybody may ask after the pod's health") {
  Scrape scrape;
  scrape.sources = {state("a", false, true)};
  scrape.sources[0].reason = "http://127.0.0.1:8080/stats?token=hunter2: Connection refused";
  const auto health = pod_health(&scrape, false);
  CHECK(health.json.find("hunter2") == std::string::npos);
  CHECK(health.json.find("http://127.0.0.1:8080/stats?token=***: Connection refused") != std::string::npos);
}
