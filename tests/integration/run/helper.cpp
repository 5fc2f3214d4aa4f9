// A helper whose config says how it behaves.
#include <new>
#include <stdexcept>

#include "core/net/timeout.hpp"
#include "core/os/error.hpp"
#include "core/run/run_program.hpp"

using namespace tandem;
using namespace std::chrono_literals;

namespace {

std::string text_of(const Document& config, const char* key) {
  const Node* node = config.root.find(key);
  return node ? node->text : "";
}

net::awaitable<void> fail_soon() {
  co_await net::sleep_for(20ms);
  throw Error(Fault::environment, "reach", "the other side", "it broke on purpose");
}

net::awaitable<void> wait_for_ever() {
  bool waited = co_await net::sleep_for(1h);
  static_cast<void>(waited);
}

class Helper final : public run::Service {
 public:
  explicit Helper(const Document& config) : mode_(text_of(config, "mode")), word_(text_of(config, "word")) {}

  net::awaitable<void> run(run::Context& context) override {
    context.metrics().counter("helper_starts_total").add();
    context.spawn("companion", wait_for_ever());
    if (mode_ == "throws") throw std::runtime_error("run threw on purpose");
    if (mode_ == "task-throws") context.spawn("failing task", fail_soon());
    if (mode_ == "short-of-memory") asio::post(context.io(), [] { throw std::bad_alloc(); });
    if (mode_ == "returns") co_return;
    co_await context.drain_requested();
    if (mode_ == "slow-drain") co_await net::sleep_for(2s);
    if (mode_ == "stuck") co_await net::sleep_for(1h);
  }
  run::Readiness readiness() const override {
    if (mode_ == "not-ready") return {false, "no upstream yet"};
    return {true, word_};
  }
  bool reload(const Document& config) override {
    if (text_of(config, "word") == "refuse-me") throw Error(Fault::input, "reload", "word", "refused by the service");
    if (text_of(config, "word") == "later") return false;
    word_ = text_of(config, "word");
    return true;
  }

 private:
  std::string mode_, word_;
};

run::Program program() {
  run::Program program;
  program.name = "test-helper";
  program.summary = "does what its config says";
  program.version = "0.0.1";
  program.config = {{"mode", "string", "normal", "How it behaves."},
                    {"word", "string", "hello", "Any text."},
                    {"token", "string", "", "A secret.", true}};
  program.metrics = {{"helper_starts_total", observe::MetricType::counter, "Starts of run()."}};
  program.check = [](const Document& config, Problems& problems) {
    auto reader = run::read_config(config, problems);
    reader.choice("mode", "normal",
                  {"normal", "throws", "task-throws", "returns", "slow-drain", "stuck", "not-ready", "cannot-make",
                   "short-of-memory"});
    reader.string("word");
    reader.string("token");
    reader.done();
  };
  program.make = [](const Document& config, run::Context& context) -> std::unique_ptr<run::Service> {
    context.admin().route("GET", "/extra", [](const net::Request&) { return net::Response(200, "more\n"); });
    if (text_of(config, "mode") == "cannot-make")
      throw Error(Fault::environment, "open", "/dev/nowhere", "it is not there");
    return std::make_unique<Helper>(config);
  };
  return program;
}

}  // namespace

int main(int argc, char** argv) { return run::run_program(program(), argc, argv); }
