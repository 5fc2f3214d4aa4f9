#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/os/files.hpp"
#include "tests/support/log/fixture.hpp"
#include "tests/support/log/strict_server.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) all.push_back(line);
  return all;
}

// Remembers Idempotency-Keys, and refuses every batch that has one of its words in it.
class KeyedReceiver {
 public:
  explicit KeyedReceiver(std::set<std::string> refused = {})
      : refused_(std::move(refused)), server_([this](const HttpCall& call) { return serve(call); }) {}

  std::map<std::string, int> messages() {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  int batches() {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(keys_.size());
  }
  int known_again() {
    const std::lock_guard lock(mutex_);
    return known_again_;
  }
  void refuse(std::set<std::string> words) {
    const std::lock_guard lock(mutex_);
    refused_ = std::move(words);
  }
  StrictServer& server() { return server_; }
  std::atomic<bool> answers{true};

 private:
  HttpReply serve(const HttpCall& call) {
    const std::lock_guard lock(mutex_);
    for (const auto& word : refused_)
      if (call.body.find(word) != std::string::npos) return {400, "no " + word, "text/plain", "", false};
    if (keys_.insert(call.header("idempotency-key")).second) {
      for (const auto& line : lines_of(call.body)) ++messages_[json::parse(line)["message"].get<std::string>()];
    } else {
      ++known_again_;
    }
    if (!answers) return {0, "", "", "", true};
    return {200, "", "text/plain", "", false};
  }

  std::mutex mutex_;
  std::set<std::string> refused_, keys_;
  std::map<std::string, int> messages_;
  int known_again_ = 0;
  StrictServer server_;
};

std::string letter(const std::string& sink, int number) {
  const json record{{"time", "2026-11-22T10:00:00Z"}, {"offset", number}, {"message", line_of(number)}};
  return json{{"reason", "HTTP 400"}, {"sink", sink}, {"batch", "b"}, {"record", record}}.dump() + "\n";
}

std::vector<std::string> replay_command(const LogRun& run, const std::vector<std::string>& arguments) {
  std::vector<std::string> command{TANDEM_BINARY_DIR "/bin/tandem-log", "replay",
                                   (run.directory() / "config.yaml").string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

struct Replayed {
  int code = 0;
  std::string output;
};

Replayed replay(const LogRun& run, const std::vector<std::string>& arguments) {
  const auto output = run.directory() / "replay.out";
  fs::remove(output);
  Child child(replay_command(run, arguments), output);
  const ExitStatus status = child.wait(100s);
  return {status.code, read_file(output)};
}

}  // namespace

TEST_CASE("records that a mended receiver takes again arrive once, the others are kept with the new reason") {
  KeyedReceiver receiver({"0000003", "0000007"});
  LogRun run("- {name: out, type: http, url: \"" + receiver.server().url() + "/in\"}");
  Writer writer(run.logs() / "app.log");
  writer.write(100);
  run.start();
  const auto letters = run.directory() / "state/out.rejected.ndjson";
  REQUIRE(wait_until([&] { return fs::exists(letters) && lines_of(read_file(letters)).size() == 100; }));
  CHECK(run.terminate().code == 0);
  const std::string before = read_file(letters);
  CHECK(receiver.messages().empty());

  receiver.refuse({"0000007"});
  const auto first = replay(run, {letters.string()});
  CHECK(first.code == 1);
  CHECK(first.output.find("99 delivered, 1 refused") != std::string::npos);
  CHECK(first.output.find("1 HTTP 400: no 0000007") != std::string::npos);
  CHECK(receiver.messages().size() == 99);
  CHECK(read_file(letters) == before);
  const auto refused = lines_of(read_file(letters.string() + ".refused"));
  REQUIRE(refused.size() == 1);
  CHECK(json::parse(refused[0])["reason"] == "HTTP 400: no 0000007");
  CHECK(json::parse(refused[0])["record"] == json::parse(lines_of(before)[7])["record"]);

  const auto second = replay(run, {letters.string()});
  CHECK(second.code == 0);
  CHECK(second.output.find("100 lines were sent before") != std::string::npos);
  CHECK(second.output.find("0 delivered, 0 refused") != std::string::npos);
  receiver.refuse({});
  CHECK(replay(run, {letters.string() + ".refused"}).code == 0);
  CHECK(compare(receiver.messages(), 100) == "");
}

TEST_CASE("a replay that was killed goes on where it was, and a receiver that knows keys has every record once") {
  KeyedReceiver receiver;
  LogRun run("- {name: out, type: http, url: \"" + receiver.server().url() + "/in\", batch: {maxRecords: 10}}");
  const auto letters = run.directory() / "letters.ndjson";
  std::string all;
  for (int i = 0; i < 2000; ++i) all += letter("out", i);
  write_file(letters, all);
  for (int round = 1; round <= 3; ++round) {
    Child child(replay_command(run, {letters.string()}), run.output());
    REQUIRE(wait_until([&] { return receiver.batches() >= round * 40; }));
    receiver.answers = false;  // the one on its way is taken, and it never hears of it
    REQUIRE(wait_until([&, at = receiver.server().calls()] { return receiver.server().calls() > at; }));
    child.signal(round == 3 ? SIGTERM : SIGKILL);
    const ExitStatus status = child.wait();
    if (round == 3) CHECK(status.code == 69);
    receiver.answers = true;
  }
  CHECK(read_file(run.output()).find("stopped after line") != std::string::npos);
  const auto last = replay(run, {letters.string()});
  CHECK(last.code == 0);
  CHECK(receiver.known_again() > 0);
  CHECK(compare(receiver.messages(), 2000) == "");
  CHECK(receiver.batches() == 200);
  CHECK(read_file(letters) == all);
}

TEST_CASE("letters of several sinks go to their own, or all to the one that is named") {
  KeyedReceiver one, two;
  LogRun run("- {name: one, type: http, url: \"" + one.server().url() + "/\"}\n- {name: two, type: http, url: \"" +
             two.server().url() + "/\"}");
  const auto letters = run.directory() / "letters.ndjson";
  std::string all;
  for (int i = 0; i < 30; ++i) all += letter(i % 3 ? "one" : "two", i);
  all.pop_back();  // as an editor leaves it
  write_file(letters, all);
  CHECK(replay(run, {letters.string()}).code == 0);
  CHECK(one.messages().size() == 20);
  CHECK(two.messages().size() == 10);
  CHECK(two.messages().contains(line_of(27)));
  CHECK(replay(run, {letters.string(), "--sink", "two"}).code == 0);
  CHECK(one.messages().size() == 20);
  CHECK(two.messages().size() == 30);
}

TEST_CASE("what cannot be replayed is told, and the rest goes") {
  KeyedReceiver receiver;
  LogRun run("- {name: out, type: http, url: \"" + receiver.server().url() +
             "/\"}\n- {name: kept, type: file, path: DIR/kept}");
  const auto letters = run.directory() / "letters.ndjson";
  write_file(letters, letter("out", 0) + "garbage\n" + R"({"sink":"out","body":{"streams":[]},"reason":"x"})" + "\n" +
                          letter("out", 1));
  const auto mixed = replay(run, {letters.string()});
  CHECK(mixed.code == 1);
  CHECK(mixed.output.find("line 2 is no JSON object") != std::string::npos);
  CHECK(mixed.output.find("2 delivered, 1 refused, 1 lines are no dead letters") != std::string::npos);
  CHECK(receiver.messages().size() == 2);

  write_file(letters, letter("lost", 0));
  const auto unknown = replay(run, {letters.string()});
  CHECK(unknown.code == 64);
  CHECK(unknown.output.find("line 1: it is of the sink \"lost\"") != std::string::npos);
  CHECK(replay(run, {letters.string(), "--sink=kept"}).output.find("cuts back") != std::string::npos);
  CHECK(replay(run, {letters.string(), "--sink=nobody"}).output.find("one of out, kept") != std::string::npos);
  CHECK(replay(run, {letters.string(), "--zink=out"}).code == 64);
  CHECK(replay(run, {}).code == 64);
  CHECK(replay(run, {letters.string() + "x"}).code == 69);
}
