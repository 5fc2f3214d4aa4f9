#include <csignal>

#include <catch2/catch.hpp>

#include "tests/integration/run/helper_process.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

const std::string helper = TANDEM_BINARY_DIR "/tests/test-helper";

bool shows(HelperProcess& process, const std::string& path, const std::string& text) {
  return wait_until([&] { return process.admin(path).body.find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("SIGHUP takes a good config over, refuses a bad one, and says which") {
  HelperProcess process(helper, "word: one\n");
  REQUIRE(process.healthy());
  process.write_config("word: two\n");
  process.child->signal(SIGHUP);
  CHECK(shows(process, "/configz", "word: two\n"));
  CHECK(shows(process, "/metrics", "tandem_config_reloads_total{result=\"taken\"} 1\n"));

  process.write_config("wrod: three\n");
  process.child->signal(SIGHUP);
  CHECK(shows(process, "/metrics", "tandem_config_reloads_total{result=\"refused\"} 1\n"));
  CHECK(shows(process, "/metrics", "tandem_config_last_reload_successful 0\n"));
  CHECK(shows(process, "/configz", "word: two\n"));
  CHECK(process.logs("did you mean \\\"word\\\"?"));

  process.write_config("word: refuse-me\n");
  process.child->signal(SIGHUP);
  CHECK(process.logs("refused by the service"));
  fs::remove(process.config_file);
  process.child->signal(SIGHUP);
  CHECK(shows(process, "/metrics", "tandem_config_reloads_total{result=\"refused\"} 3\n"));
  CHECK(shows(process, "/configz", "word: two\n"));

  process.write_config("word: later\n");
  process.child->signal(SIGHUP);
  CHECK(shows(process, "/metrics", "tandem_config_reloads_total{result=\"next_start\"} 1\n"));
  CHECK(shows(process, "/configz", "word: two\n"));
  process.child->signal(SIGTERM);
  CHECK(process.child->wait() == ExitStatus{0, 0, false});
}

TEST_CASE("a hundred reloads in a row leave it healthy") {
  HelperProcess process(helper, "word: one\n");
  REQUIRE(process.healthy());
  for (int i = 0; i < 100; ++i) {
    process.write_config("word: w" + std::to_string(i) + "\n");
    process.child->signal(SIGHUP);
  }
  CHECK(shows(process, "/configz", "word: w99\n"));
  process.child->signal(SIGTERM);
  CHECK(process.child->wait() == ExitStatus{0, 0, false});
}
