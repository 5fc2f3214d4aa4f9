#include "sidecars/log/replay.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <map>

#include "core/os/check.hpp"
#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "core/os/signals.hpp"
#include "sidecars/log/metrics.hpp"
#include "sidecars/log/replay_delivery.hpp"
#include "sidecars/log/replay_position.hpp"

namespace tandem::shipper {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto progress_pause = 5s;

const SinkSettings* find_sink(const Settings& settings, const std::string& name) {
  for (const auto& sink : settings.sinks)
    if (sink.name == name) return &sink;
  return nullptr;
}

// Its own end is known to the pipeline's positions only: what others append is cut off.
void check_target(const SinkSettings& sink) {
  if (!sink.path.empty())
    throw Error(Fault::user, "replay to", sink.name, "a file sink cuts back what it has not written itself",
                "take the records out of the file: jq -c .record");
}

class Replay {
 public:
  Replay(const Settings& settings, const ReplayOptions& options, std::FILE* out)
      : settings_(&settings),
        options_(&options),
        out_(out),
        metrics_(metric_table()),
        signals_(io_, signal_fd({SIGINT, SIGTERM}).release()),
        delivery_(io_, options.patience) {}

  int run() {
    std::exception_ptr failure;
    signals_.async_wait(asio::posix::stream_descriptor::wait_read, [this](net::error_code failed) {
      signalfd_siginfo first{};
      if (failed || ::read(signals_.native_handle(), &first, sizeof first) < 0) return;
      reset_signals();  // a second one ends the program
      delivery_.stop("it was interrupted");
    });
    asio::co_spawn(io_, send_all(this), [&](std::exception_ptr thrown) {
      failure = thrown;
      io_.stop();
    });
    io_.run();
    if (failure) std::rethrow_exception(failure);
    return !delivery_.stopped().empty() ? exit_code(Fault::environment) : all_delivered_ ? 0 : 1;
  }

 private:
  static net::awaitable<void> send_all(Replay* self) {
    for (const auto& file : self->options_->files) {
      co_await self->send_file(file);
      if (!self->delivery_.stopped().empty()) co_return;
    }
  }

  net::awaitable<void> send_file(std::string path);
  ReplayTarget* target_of(const Letter& letter);
  std::uint64_t find_start(int fd, const std::string& path);
  bool read_line(std::istream& input, std::string& line);
  bool take(const std::string& line, std::vector<Letter>& letters, ReplayTarget*& target, bool& full);
  void save(int fd, std::uint64_t offset);
  void show_progress(std::uint64_t offset, std::uint64_t size);
  void show_summary() const;

  const Settings* settings_;
  const ReplayOptions* options_;
  std::FILE* out_;
  asio::io_context io_{1};
  observe::Metrics metrics_;
  asio::posix::stream_descriptor signals_;
  ReplayDelivery delivery_;
  LetterReader reader_;
  std::map<std::string, std::unique_ptr<ReplayTarget>> targets_;
  bool all_delivered_ = true;
  Clock::time_point shown_ = Clock::now();

  // Of the file in hand.
  std::string path_;
  std::uint64_t lines_ = 0, pending_bytes_ = 0, unreadable_ = 0;
};

ReplayTarget* Replay::target_of(const Letter& letter) {
  const std::string& name = options_->sink.empty() ? letter.sink : options_->sink;
  auto& target = targets_[name];
  if (target) return target.get();
  const SinkSettings* const sink = find_sink(*settings_, name);
  if (!sink)
    throw Error(Fault::user, "replay", path_ + " line " + std::to_string(letter.line),
                "it is of the sink \"" + name + "\", which the config does not have", "--sink NAME");
  check_target(*sink);
  target = std::make_unique<ReplayTarget>(*sink, SinkContext{io_, metrics_, [](const std::string&) {}});
  return target.get();
}

// Where the last replay of this file to this sink ended.
std::uint64_t Replay::find_start(int fd, const std::string& path) {
  const auto text = read_file_if_exists(path + ".replayed", 4096);
  const auto position = text ? parse_replay_position(*text) : std::nullopt;
  if (!position || position->offset == 0) return 0;
  struct stat status {};
  check([&] { return ::fstat(fd, &status); }, "stat", path);
  if (position->sink != options_->sink || static_cast<std::uint64_t>(status.st_size) < position->offset ||
      hash_before(fd, position->offset) != position->hash) {
    fmt::print(out_, "{}: {}.replayed is of another content or sink: from the start\n", path, path);
    return 0;
  }
  lines_ = position->lines;
  fmt::print(out_, "{}: {} lines were sent before ({}.replayed)\n", path, lines_, path);
  return position->offset;
}

void Replay::save(int fd, std::uint64_t offset) {
  ReplayPosition position;
  position.offset = offset;
  position.lines = lines_;
  position.sink = options_->sink;
  position.hash = hash_before(fd, offset);
  replace_file(path_ + ".replayed", encode_replay_position(position));
}

void Replay::show_progress(std::uint64_t offset, std::uint64_t size) {
  if (Clock::now() - shown_ < progress_pause) return;
  shown_ = Clock::now();
  fmt::print(stderr, "{}: {}%, line {}, {} delivered, {} refused\n", path_, size ? offset * 100 / size : 100, lines_,
             delivery_.counts().delivered, delivery_.counts().refused);
}

void Replay::show_summary() const {
  fmt::print(out_, "{}: {} delivered, {} refused", path_, delivery_.counts().delivered, delivery_.counts().refused);
  if (unreadable_ > 0) fmt::print(out_, ", {} lines are no dead letters", unreadable_);
  if (delivery_.counts().refused > 0) fmt::print(out_, " (they are in {}.refused)", path_);
  fmt::print(out_, "\n");
  for (const auto& [reason, count] : delivery_.counts().reasons) fmt::print(out_, "  {} {}\n", count, reason);
  if (!delivery_.stopped().empty())
    fmt::print(out_, "{}: stopped after line {}: {}\n", path_, lines_, delivery_.stopped());
}

// False: there is none, or somebody is still writing it.
bool Replay::read_line(std::istream& input, std::string& line) {
  if (!std::getline(input, line)) return false;
  if (!input.eof()) return true;
  Letter letter;
  std::string why;
  return reader_.read(line, letter, why);
}

// Adds the line to the batch. False: it has to wait for the next one.
bool Replay::take(const std::string& line, std::vector<Letter>& letters, ReplayTarget*& target, bool& full) {
  Letter letter;
  std::string why;
  const std::uint64_t number = lines_ + letters.size() + 1;
  if (line.empty() || !reader_.read(line, letter, why)) {
    if (!letters.empty()) return false;  // lines are done with in their order
    if (!line.empty() && ++unreadable_ <= 3) fmt::print(out_, "{}: line {} {}\n", path_, number, why);
    ++lines_;
    return true;
  }
  letter.line = number;
  ReplayTarget* const its_target = target_of(letter);
  if (!letters.empty() && (its_target != target || letter.is_body)) return false;
  if (const std::string problem = its_target->encoder().problem(letter); !problem.empty()) {
    if (!letters.empty()) return false;
    delivery_.refuse(letter, problem);
    ++lines_;
    return true;
  }
  target = its_target;
  pending_bytes_ += letter.content.size();
  const auto& limits = target->settings();
  letters.push_back(std::move(letter));
  full = letters.back().is_body || pending_bytes_ >= static_cast<std::uint64_t>(limits.batch_bytes) ||
         letters.size() >= static_cast<std::size_t>(limits.batch_records);
  return true;
}

net::awaitable<void> Replay::send_file(std::string path) {
  path_ = path;
  lines_ = 0;
  unreadable_ = 0;
  delivery_.begin(path + ".refused");
  const unique_fd file = open_given_file(path, O_RDONLY);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
    throw Error(Fault::environment, "replay", path, "another tandem-log replay is at it");
  const std::uint64_t start = find_start(file.get(), path);
  std::ifstream input("/proc/self/fd/" + std::to_string(file.get()), std::ios::binary);
  input.seekg(static_cast<std::streamoff>(start));
  std::uint64_t done = start, read = start;
  std::vector<Letter> letters;
  ReplayTarget* target = nullptr;
  std::string line;
  bool more = true, full = false, waiting = false;
  while (more && delivery_.stopped().empty()) {
    if (!waiting) more = read_line(input, line);
    waiting = more && !take(line, letters, target, full);
    if (more && !waiting) read += line.size() + (input.eof() ? 0 : 1);
    if (!letters.empty() && (full || waiting || !more)) {
      const bool settled = co_await delivery_.send(&letters, target);
      if (!settled) break;
      lines_ += letters.size();
      letters.clear();
      pending_bytes_ = 0;
      full = false;
    }
    if (letters.empty() && read > done) {
      done = read;
      save(file.get(), done);
      struct stat status {};
      check([&] { return ::fstat(file.get(), &status); }, "stat", path);
      show_progress(done, static_cast<std::uint64_t>(status.st_size));
    }
  }
  all_delivered_ = all_delivered_ && delivery_.counts().refused == 0 && unreadable_ == 0;
  show_summary();
}

}  // namespace

ReplayOptions read_replay_options(const Settings& settings, const std::vector<std::string>& arguments) {
  constexpr std::string_view option = "--sink";
  ReplayOptions options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == option && i + 1 < arguments.size()) {
      options.sink = arguments[++i];
    } else if (word.starts_with("--sink=")) {
      options.sink = word.substr(option.size() + 1);
    } else if (word.starts_with("-")) {
      throw Error(Fault::user, "replay", word, "there is no such option", "replay CONFIG FILE... [--sink NAME]");
    } else {
      options.files.push_back(word);
    }
  }
  if (options.files.empty()) throw Error(Fault::user, "replay", "", "no file is named", "replay CONFIG FILE...");
  const bool named = !options.sink.empty();
  if (named && !find_sink(settings, options.sink)) {
    std::string names;
    for (const auto& sink : settings.sinks) names += (names.empty() ? "" : ", ") + sink.name;
    throw Error(Fault::user, "replay to", options.sink, "the config has no such sink", "one of " + names);
  }
  return options;
}

int replay(const Settings& settings, const ReplayOptions& options, std::FILE* out) {
  return Replay(settings, options, out).run();
}

}  // namespace tandem::shipper
