#include "core/run/running.hpp"

#include <sys/signalfd.h>

#include <csignal>
#include <new>

#include "core/net/listener.hpp"
#include "core/observe/log.hpp"
#include "core/os/error.hpp"
#include "core/run/admin.hpp"
#include "core/run/admin_names.hpp"

namespace tandem::run {

using observe::log_error;
using observe::log_info;
using observe::log_warning;

namespace {

const observe::MetricTable& run_metrics() {
  static const observe::MetricTable table = {
      {"tandem_config_reloads_total", observe::MetricType::counter, "Config reloads by result.", {"result"}},
      {"tandem_config_last_reload_successful", observe::MetricType::gauge,
       "1 when the config in force is the last one given."},
      {"tandem_draining", observe::MetricType::gauge, "1 after SIGTERM."},
  };
  return table;
}

// A few probes and scrapers; what it takes is theirs, whatever comes to the ports of the program's own. They do not
// take all of the reserve: the last third is for the program's files and for its own connections.
net::HttpServerLimits limits_of_admin() {
  net::HttpServerLimits limits;
  limits.connections = net::reserved_descriptors() * 2 / 3;
  limits.answer_bytes = 16u << 20;
  limits.takes_reserve = true;
  return limits;
}

int code_of(std::exception_ptr failure, std::string& what) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    what = error.what();
    return exit_code(error.fault());
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {
    what = "an exception of unknown type";
  }
  return exit_code(Fault::bug);
}

// Ways to end that are no failure: what was cancelled at the end says so.
bool is_cancelled(std::exception_ptr failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace

Running::Running(const Program& program, Document config, unique_fd signals, std::function<Document(Problems&)> reread)
    : program_(program),
      config_(std::move(config)),
      reread_(std::move(reread)),
      metrics_(program.metrics),
      admin_(io_, limits_of_admin()),
      admin_limits_(metrics_, "admin"),
      signals_(io_, signals.release()),
      drain_(io_, asio::steady_timer::time_point::max()) {
  Problems none;  // the config was checked
  common_ = read_common(config_, none);
  observe::set_log_level(common_.level);
  metrics_.declare(run_metrics());
  metrics_.declare(ListenerLimits::metrics());
  observe::add_process_metrics(metrics_, program.name, program.version);
  metrics_.gauge("tandem_config_last_reload_successful").set(1);
  add_admin_routes(admin_, metrics_,
                   {[this] { return readiness(); }, [this] { return print_config(config_, program_.config); }});
  admin_.guard([this, own = own_names()](const net::Request& request) {
    auto names = own;
    if (common_.admin) names.push_back(common_.admin->host);
    names.insert(names.end(), common_.admin_hosts.begin(), common_.admin_hosts.end());
    return refuse_name(request, names);
  });
  admin_.on_error([](const net::Request& request, const std::string& what) {
    log_error("an admin handler failed", {{"path", request.path()}, {"error", what}});
  });
  admin_.on_limit([this](const std::string& reason) { admin_limits_.count(reason); });
}

int Running::run() {
  try {
    if (common_.admin) admin_.listen(*common_.admin);
    service_ = program_.make(config_, *this);
  } catch (...) {
    std::string what;
    end(code_of(std::current_exception(), what));
    log_error("cannot start", {{"error", what}});
    wind_up();
    return *exit_code_;
  }
  start("signals", watch_signals(), nullptr);
  start("admin", admin_.run(), nullptr);
  start("service", service_->run(*this), [this] { end(0); });
  std::string admin = common_.admin ? to_string(admin_.endpoints().front()) : "";
  log_info("started", {{"program", program_.name}, {"version", program_.version}, {"admin", admin}});
  run_loop();
  wind_up();
  log_info("ended", {{"exitCode", exit_code_.value_or(0)}});
  return exit_code_.value_or(0);
}

// A lack of memory ends what has met it: a handler here, a connection or a task elsewhere. The loop goes on.
void Running::run_loop() {
  for (;;) {
    try {
      io_.run();
      return;
    } catch (const std::bad_alloc&) {
      log_error("memory ran short");
    }
  }
}

void Running::start(std::string name, net::awaitable<void> work, std::function<void()> ended) {
  auto task = tasks_.emplace(tasks_.end());
  task->name = std::move(name);
  ++alive_;
  auto done = [this, task, ended = std::move(ended)](std::exception_ptr failure) {
    --alive_;
    bool winding_up = exit_code_.has_value();
    if (failure && !(winding_up && is_cancelled(failure))) {
      std::string what;
      int code = code_of(failure, what);
      log_error("cannot go on", {{"task", task->name}, {"error", what}});
      end(code);
    } else if (ended) {
      ended();
    }
    tasks_.erase(task);
  };
  asio::co_spawn(io_, std::move(work), asio::bind_cancellation_slot(task->cancel.slot(), std::move(done)));
}

void Running::spawn(std::string name, net::awaitable<void> work) { start(std::move(name), std::move(work), nullptr); }

void Running::end(int code) {
  if (exit_code_) return;
  exit_code_ = code;
  io_.stop();
}

// Everything is told to stop and gets a moment for it, so that destructors run in order.
void Running::wind_up() {
  admin_.stop();
  io_.restart();
  // From inside the loop: from outside, Asio would queue each cancellation with a pointer to a task that may end first.
  asio::post(io_, [this] {
    for (auto next = tasks_.begin(); next != tasks_.end();) {
      auto task = next++;
      if (task->name != "admin") task->cancel.emit(asio::cancellation_type::terminal);
    }
  });
  auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  while (alive_ > 0 && std::chrono::steady_clock::now() < limit) {
    io_.run_one_until(limit);
    if (io_.stopped()) io_.restart();
  }
  if (alive_ == 0) service_.reset();
}

net::awaitable<void> Running::drain_requested() {
  if (draining_) co_return;
  auto [ended] = co_await drain_.async_wait(net::as_result);
  static_cast<void>(ended);
}

void Running::on_drain(std::function<void()> call) {
  if (draining_) return call();
  drain_calls_.push_back(std::move(call));
}

void Running::take_signal(const std::string& name) {
  if (signalled_) {
    log_warning("a second signal: ending now", {{"signal", name}});
    return end(1);
  }
  signalled_ = true;
  begin_drain(name);
}

void Running::begin_drain(const std::string& why) {
  if (draining_) return;
  log_info("draining", {{"reason", why}, {"deadline", tandem::to_string(common_.drain)}});
  draining_ = true;
  drain_deadline_ = std::chrono::steady_clock::now() + common_.drain;
  metrics_.gauge("tandem_draining").set(1);
  drain_.cancel();
  for (auto& call : drain_calls_) call();
  start("drain deadline", watch_deadline(), nullptr);
}

net::awaitable<void> Running::watch_deadline() {
  asio::steady_timer timer(io_, drain_deadline_);
  auto [cancelled] = co_await timer.async_wait(net::as_result);
  if (cancelled) co_return;
  log_error("the drain deadline passed with work left", {{"deadline", tandem::to_string(common_.drain)}});
  end(1);
}

net::awaitable<void> Running::watch_signals() {
  for (;;) {
    signalfd_siginfo signal{};
    auto buffer = asio::buffer(&signal, sizeof signal);
    auto [error, got] = co_await signals_.async_read_some(buffer, net::as_result);
    if (error) co_return;
    if (signal.ssi_signo == SIGHUP) {
      reload();
    } else {
      take_signal(signal.ssi_signo == SIGINT ? "SIGINT" : "SIGTERM");
    }
  }
}

void Running::reload() {
  auto refuse = [&](const std::string& why) {
    log_error("the new config is refused, the old one stays", {{"problem", why}});
    metrics_.counter("tandem_config_reloads_total", {"refused"}).add();
    metrics_.gauge("tandem_config_last_reload_successful").set(0);
  };
  try {
    Problems problems;
    auto fresh = reread_(problems);
    if (problems.has_errors()) return refuse(problems.text());
    auto common = read_common(fresh, problems);
    bool taken = service_->reload(fresh);
    observe::set_log_level(common.level);
    common.admin = common_.admin;  // a listener stays where it is
    common_ = common;
    if (!taken) log_warning("this program takes a new config at its next start", {{"file", fresh.file}});
    if (taken) {
      log_info("config reloaded", {{"file", fresh.file}});
      config_ = std::move(fresh);
    }
    metrics_.counter("tandem_config_reloads_total", {taken ? "taken" : "next_start"}).add();
    metrics_.gauge("tandem_config_last_reload_successful").set(taken);
  } catch (const std::exception& error) {
    refuse(error.what());
  }
}

Readiness Running::readiness() const {
  if (draining_) return {false, "draining"};
  if (!service_) return {false, "starting"};
  return service_->readiness();
}

}  // namespace tandem::run
