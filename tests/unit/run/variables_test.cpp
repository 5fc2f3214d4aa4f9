#include "core/run/variables.hpp"

#include <catch2/catch.hpp>
#include <map>

using namespace tandem;
using namespace tandem::run;

namespace {

Program redis_like() {
  Program program;
  program.name = "tandem-redis";
  program.config = {{"limits.clients", "integer", "1", "How many."},
                    {"seeds", "list of addresses", "", "Where."},
                    {"routes[].name", "string", "", "Each."}};
  program.check = [](const Document& config, Problems& problems) {
    auto reader = read_config(config, problems);
    auto limits = reader.object("limits");
    limits.integer("clients", 1, 1, 10);
    limits.done();
    reader.strings("seeds");
    reader.each("routes", [](Reader& route) { route.string("name"); });
    reader.done();
  };
  return program;
}

// What is said of a config that these variables make.
std::string said_of(const std::map<std::string, std::string>& variables) {
  const auto lookup = [&](const std::string& name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
  std::vector<std::string> names;
  for (const auto& [name, value] : variables) names.push_back(name);
  Problems problems;
  check_variables(redis_like(), names, lookup, problems);
  load_checked(redis_like(), "", lookup, problems);
  return problems.text();
}

}  // namespace

TEST_CASE("a variable that begins like the program's and is none of them is a warning with the nearest that is") {
  CHECK(said_of({{"TANDEM_REDIS_LIMTS_CLIENTS", "5"}}) ==
        "warning: the variable \"TANDEM_REDIS_LIMTS_CLIENTS\" is no key's and has no effect; did you mean "
        "\"TANDEM_REDIS_LIMITS_CLIENTS\"?\n");
  CHECK(said_of({{"TANDEM_REDIS_ROUTES_NAME", "5"}}) ==
        "warning: the variable \"TANDEM_REDIS_ROUTES_NAME\" is no key's and has no effect; see --help for those that "
        "are\n");
  CHECK(said_of({{"TANDEM_REDIS_PORT", "6379"}}).find("warning: ") == 0);
  CHECK(said_of({{"TANDEM_REDIS_HUNTER2\n", "x"}}).find("(a key of 21 bytes)") != std::string::npos);
  CHECK(said_of({{"TANDEM_REDIS_LIMITS_CLIENTS", "5"},
                 {"TANDEM_REDIS_LOG_LEVEL", "debug"},
                 {"TANDEM_REDIS_DRAIN_TIMEOUT", "5s"},
                 {"TANDEM_REDISX", "1"},
                 {"TANDEM_LOG_X", "1"},
                 {"TANDEM_ROOT", "1"}}) == "");
}

TEST_CASE("the variables that Kubernetes sets for Services named like the program are no mistake") {
  CHECK(said_of({{"TANDEM_REDIS_SERVICE_HOST", "10.0.0.1"},
                 {"TANDEM_REDIS_SERVICE_PORT", "6379"},
                 {"TANDEM_REDIS_SERVICE_PORT_REDIS", "6379"},
                 {"TANDEM_REDIS_PORT", "tcp://10.0.0.1:6379"},
                 {"TANDEM_REDIS_PORT_6379_TCP", "tcp://10.0.0.1:6379"},
                 {"TANDEM_REDIS_PORT_6379_TCP_PROTO", "tcp"},
                 {"TANDEM_REDIS_PORT_6379_TCP_PORT", "6379"},
                 {"TANDEM_REDIS_PORT_6379_TCP_ADDR", "10.0.0.1"},
                 {"TANDEM_REDIS_METRICS_SERVICE_HOST", "10.0.0.2"},
                 {"TANDEM_REDIS_METRICS_PORT", "tcp://10.0.0.2:9121"},
                 {"TANDEM_REDIS_METRICS_PORT_9121_UDP", "udp://10.0.0.2:9121"}}) == "");
}

TEST_CASE("a problem of a value that a variable has set names the variable") {
  CHECK(said_of({{"TANDEM_REDIS_LIMITS_CLIENTS", "many"}}) ==
        "TANDEM_REDIS_LIMITS_CLIENTS: limits.clients: an integer is wanted, not a string\n");
  CHECK(said_of({{"TANDEM_REDIS_LIMITS_CLIENTS", "11"}}).find("TANDEM_REDIS_LIMITS_CLIENTS: limits.clients: 11 is") ==
        0);
  CHECK(said_of({{"TANDEM_REDIS_SEEDS", "[a, 2]"}}) ==
        "TANDEM_REDIS_SEEDS:1:5: seeds[1]: a string is wanted, not an integer; write it in quotes: \"2\"\n");
  CHECK(said_of({{"TANDEM_REDIS_LOG_LEVEL", "wran"}}).find("TANDEM_REDIS_LOG_LEVEL: log.level: \"wran\"") == 0);
}
