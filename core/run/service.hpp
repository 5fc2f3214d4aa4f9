// What a helper is: a Service that runs until it is asked to drain, and a Program that describes it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/config/node.hpp"
#include "core/config/problem.hpp"
#include "core/net/asio.hpp"
#include "core/net/http_server.hpp"
#include "core/observe/metrics.hpp"
#include "core/run/config_keys.hpp"

namespace tandem::run {

struct Readiness {
  bool ready = true;
  std::string reason;  // why not, for a person
};

// What run_program() gives to a Service. One thread: everything here is called on the io_context's.
class Context {
 public:
  virtual ~Context() = default;

  virtual asio::io_context& io() = 0;
  virtual observe::Metrics& metrics() = 0;
  virtual net::HttpServer& admin() = 0;  // to add routes in make()

  virtual bool draining() const = 0;                      // SIGTERM or SIGINT came, or begin_drain()
  virtual net::awaitable<void> drain_requested() = 0;     // ends then; also when it is cancelled
  virtual void on_drain(std::function<void()> call) = 0;  // called once, then; at once when it came already
  virtual std::chrono::steady_clock::time_point drain_deadline() const = 0;  // max() until drain was requested
  virtual void begin_drain(const std::string& why) = 0;  // as SIGTERM does; nothing when it has begun already

  // Runs `work` beside run(). What it throws is logged with `name` and ends the program with the fault's exit code.
  // It is cancelled when run() has returned, or at the drain deadline.
  virtual void spawn(std::string name, net::awaitable<void> work) = 0;
};

class Service {
 public:
  virtual ~Service() = default;

  // Returns after context.draining(), when the work in hand is done: then the program exits 0. Returning earlier ends
  // the program too (0). What it throws is logged and ends it with exit_code(fault); anything but Error is a bug (70).
  virtual net::awaitable<void> run(Context& context) = 0;

  virtual Readiness readiness() const { return {}; }  // asked by /readyz

  // SIGHUP with a new config that passed check(): take it over, all or nothing. False: nothing can be changed while
  // running (logged; it is used at the next start). Throws Error to refuse; the old config stays.
  virtual bool reload(const Document& config) { return static_cast<void>(config), false; }
};

// `PROGRAM NAME CONFIG ARGUMENTS`: does one thing with a config that passed check(), and ends.
struct Command {
  std::string name, arguments;  // "test", "< SAMPLE": for people
  std::string help;
  std::function<int(const Document& config, const std::vector<std::string>& arguments)> run;  // gives the exit code
};

// Each field that may be left out has an initialiser: -Wextra warns of others in Program{.name = ...}.
struct Program {
  std::string name;     // "tandem-log"
  std::string summary;  // one line
  std::string version;
  ConfigTable config = {};  // without the common keys
  observe::MetricTable metrics = {};
  std::vector<Command> commands = {};
  // A config that works, for the reference page and for --config being absent; empty: it is required.
  std::string example = {};

  // Every problem of a config. Unknown keys are found from the table already; a Reader's done() may find them again.
  std::function<void(const Document& config, Problems& problems)> check = {};
  // Makes the service from a config without problems. It may listen, open files, and throw Error.
  std::function<std::unique_ptr<Service>(const Document& config, Context& context)> make = {};
};

}  // namespace tandem::run
