// Kernels and file systems that give less than one expects: watches, events, descriptors, permissions, names.
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "tests/support/log/fixture.hpp"
#include "tests/support/skip.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

std::string http_sink(const Receiver& receiver, const std::string& more = "") {
  return "- {name: out, type: http, url: \"" + receiver.url() + "\"" + more + "}";
}

void follow_instead(const LogRun& run, const std::string& pattern) {
  auto config = read_file(run.directory() / "config.yaml");
  const std::string old = (run.logs() / "*.log*").string();
  config.replace(config.find(old), old.size(), pattern);
  write_file(run.directory() / "config.yaml", config);
}

std::vector<std::string> without(const std::string& call, int code) {
  return {TANDEM_BINARY_DIR "/tests/fail-call", call, std::to_string(code)};
}

std::size_t count_open_files(pid_t process) { return list_directory(fmt::format("/proc/{}/fd", process)).size(); }

std::size_t resident_kilobytes(pid_t process) {
  const auto status = read_file(fmt::format("/proc/{}/status", process));
  return std::stoul(status.substr(status.find("RssAnon:") + 8));
}

}  // namespace

TEST_CASE("without inotify watches, or without any inotify instance, files are polled, and that is said") {
  const bool instance = GENERATE(true, false);
  Receiver receiver;
  LogRun run(http_sink(receiver), "poll: 1h");
  run.start(instance ? without("inotify_add_watch", ENOSPC) : without("inotify_init1", EMFILE));
  Writer writer(run.logs() / "app.log");
  for (int round = 1; round <= 3; ++round) {
    writer.write(1000);
    CHECK(wait_until([&] { return receiver.count() == round * 1000u; }));
    writer.rotate_by_rename(5);
  }
  CHECK(run.terminate() == ExitStatus{});
  CHECK(compare(receiver.messages(), 3000) == "");
  const auto output = read_file(run.output());
  INFO(output);
  CHECK(output.find("some directories are only polled") != std::string::npos);
  CHECK(output.find(instance ? "raise fs.inotify.max_user_watches" : "raise fs.inotify.max_user_instances") !=
        std::string::npos);
}

TEST_CASE("when the queue of events overflows everything is looked at again") {
  Receiver receiver;
  LogRun run(http_sink(receiver), "poll: 1h");
  run.start();
  Writer one(run.logs() / "one.log");
  one.write(1);
  REQUIRE(wait_until([&] { return receiver.count() == 1; }));
  const unique_fd other = open_file(run.logs() / "other.log", O_WRONLY | O_APPEND | O_CREAT, 0644);
  REQUIRE(::kill(run.child().pid(), SIGSTOP) == 0);
  // Events of the same file one after the other are one event.
  const int events = std::stoi(read_file("/proc/sys/fs/inotify/max_queued_events"));
  for (int i = 0; i < events / 2 + 100; ++i) {
    write_all(other.get(), "x\n", "other.log");
    one.write(1);
  }
  const unique_fd late = open_file(run.logs() / "late.log", O_WRONLY | O_APPEND | O_CREAT, 0644);
  write_all(late.get(), "late\n", "late.log");
  one.write(1);
  REQUIRE(::kill(run.child().pid(), SIGCONT) == 0);
  const std::size_t written = static_cast<std::size_t>(one.written() + events / 2 + 100 + 1);
  CHECK(wait_until([&] { return receiver.count() == written; }));
  CHECK(receiver.messages()["late"] == 1);
  CHECK(run.terminate() == ExitStatus{});
}

TEST_CASE("where the file system reports no changes, as networks' do, polling finds them") {
  if (!is_root()) return skip("needs root: mounts");
  Receiver receiver;
  LogRun run(http_sink(receiver), "poll: 200ms");
  // What is written to the upper layer of an overlay is seen through it, but not reported.
  REQUIRE(::unshare(CLONE_NEWNS) == 0);
  REQUIRE(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
  const auto layers = run.directory() / "layers", merged = layers / "merged";
  make_directories(layers);
  REQUIRE(::mount("tmpfs", layers.c_str(), "tmpfs", 0, "size=1m") == 0);
  for (const char* name : {"lower", "upper", "work", "merged"}) make_directories(layers / name);
  Writer writer(layers / "upper/app.log");
  const std::string options = fmt::format("lowerdir={0}/lower,upperdir={0}/upper,workdir={0}/work", layers.string());
  REQUIRE(::mount("overlay", merged.c_str(), "overlay", 0, options.c_str()) == 0);
  follow_instead(run, (merged / "*.log").string());
  run.start();
  for (int round = 1; round <= 5; ++round) {
    writer.write(100);
    CHECK(wait_until([&] { return receiver.count() == round * 100u; }, 8s));  // by default it polls every 10 s
  }
  CHECK(run.terminate() == ExitStatus{});
  CHECK(compare(receiver.messages(), 500) == "");
  ::umount(merged.c_str());
  ::umount(layers.c_str());
}

TEST_CASE("a directory that appears later, goes and comes again is followed at once") {
  Receiver receiver;
  LogRun run(http_sink(receiver), "poll: 1h");
  const auto folder = run.directory() / "later/deep/er";
  follow_instead(run, (folder / "*.log").string());
  run.start();
  std::size_t written = 0;
  for (int round = 0; round < 5; ++round) {
    make_directories(folder);
    write_file(folder / "app.log", fmt::format("round {}\nmore {}\n", round, round));
    written += 2;
    CHECK(wait_until([&] { return receiver.count() == written; }));
    fs::remove_all(run.directory() / "later");
    wait_until([&] { return run.metric("tandem_log_at_risk_bytes{sink=\"out\"}") == 0; });
  }
  CHECK(run.terminate() == ExitStatus{});
  CHECK(receiver.messages()["more 4"] == 1);
  CHECK(receiver.count() == written);
}

TEST_CASE("a symbolic link that is swapped between files: each line of each arrives once") {
  Receiver receiver;
  LogRun run(http_sink(receiver), "poll: 1h");
  make_directories(run.logs() / "data");
  const auto link = run.logs() / "current.log";
  std::vector<unique_fd> files;
  for (int i = 0; i < 3; ++i)
    files.push_back(open_file(run.logs() / "data" / std::to_string(i), O_WRONLY | O_APPEND | O_CREAT, 0644));
  int written = 0;
  const auto point_to = [&](int file) {
    fs::create_symlink(run.logs() / "data" / std::to_string(file), run.logs() / "next");
    fs::rename(run.logs() / "next", link);
  };
  point_to(0);
  run.start();
  for (int round = 0; round < 30; ++round) {
    for (int i = 0; i < 100; ++i) write_all(files[round % 3].get(), line_of(written++) + "\n", "data");
    if (round == 10 || round == 20) run.kill(), run.start();
    // A file that nobody saw behind the link is nobody's.
    REQUIRE(wait_until([&] { return receiver.count() == static_cast<std::size_t>(written); }));
    for (int i = 0; i < 100; ++i) write_all(files[round % 3].get(), line_of(written++) + "\n", "data");
    point_to((round + 1) % 3);
  }
  CHECK(wait_until([&] { return receiver.count() == static_cast<std::size_t>(written); }));
  CHECK(run.terminate() == ExitStatus{});
  CHECK(compare(receiver.messages(), written) == "");
}

TEST_CASE("links in a pod's volume that lead out of it are not read, are counted, and are named once") {
  const bool old_kernel = GENERATE(false, true);
  Receiver receiver;
  LogRun run(http_sink(receiver), "poll: 100ms");
  const auto outside = run.directory() / "outside";
  make_directories(outside);
  for (const char* name : {"secret", "deep.log"}) write_file(outside / name, "secret line\n");
  fs::create_symlink(outside / "secret", run.logs() / "c.log");
  fs::create_symlink("../outside/secret", run.logs() / "relative.log");
  fs::create_symlink("c.log", run.logs() / "chain.log");
  fs::create_symlink(outside, run.logs() / "folder");
  fs::create_symlink("/proc/self/exe", run.logs() / "magic.log");  // of the kernel: a file, wherever stdin leads
  write_file(run.logs() / "data", "through a link\n");
  fs::create_symlink(run.logs() / "data", run.logs() / "inside.log");
  follow_instead(run, (run.logs() / "**/*.log").string());
  run.start(old_kernel ? without("openat2", ENOSYS) : std::vector<std::string>{});
  CHECK(wait_until([&] { return receiver.messages()["through a link"] == 1; }));
  const auto refused = [&] { return run.metric("tandem_log_refused_links_total{sink=\"out\"}"); };
  CHECK(wait_until([&] { return refused() == 5; }));
  write_file(run.logs() / "app.log", "ordinary\n");
  CHECK(wait_until([&] { return receiver.count() == 2; }));
  // A file that is followed gives its name to a link.
  fs::create_symlink(outside / "secret", run.logs() / "swap");
  fs::rename(run.logs() / "swap", run.logs() / "app.log");
  CHECK(wait_until([&] { return refused() == 6; }));
  CHECK(run.terminate() == ExitStatus{});
  CHECK(receiver.messages().count("secret line") == 0);
  CHECK(receiver.count() == 2);
  const auto output = read_file(run.output());
  INFO(output);
  for (const char* name : {"c.log", "relative.log", "chain.log", "folder", "magic.log", "app.log"}) {
    const std::string line = (run.logs() / name).string() + " is not read: a link leads to it";
    const auto first = output.find(line);
    CHECK(first != std::string::npos);
    CHECK(output.find(line, first + 1) == std::string::npos);
  }
}

TEST_CASE("follow.links: any follows links wherever they lead, never follows none") {
  const std::string links = GENERATE("any", "never");
  Receiver receiver;
  LogRun run(http_sink(receiver));
  auto config = read_file(run.directory() / "config.yaml");
  config.replace(config.find("paths:"), 6, "follow: {links: " + links + "}, paths:");
  write_file(run.directory() / "config.yaml", config);
  write_file(run.directory() / "elsewhere", "elsewhere\n");
  write_file(run.logs() / "data", "data\n");
  fs::create_symlink(run.directory() / "elsewhere", run.logs() / "out.log");
  fs::create_symlink("data", run.logs() / "in.log");
  write_file(run.logs() / "app.log", "ordinary\n");
  run.start();
  const std::size_t expected = links == "any" ? 3 : 1;
  CHECK(wait_until([&] { return receiver.count() == expected; }));
  const double refused = links == "any" ? 0 : 2;
  CHECK(wait_until([&] { return run.metric("tandem_log_refused_links_total{sink=\"out\"}") == refused; }));
  CHECK(run.terminate() == ExitStatus{});
  CHECK(receiver.count() == expected);
}

TEST_CASE("what was followed by a link is not read on when links may no longer lead there") {
  Receiver receiver;
  LogRun run(http_sink(receiver));
  const auto before = read_file(run.directory() / "config.yaml");
  auto config = before;
  config.replace(config.find("paths:"), 6, "follow: {links: any}, paths:");
  write_file(run.directory() / "config.yaml", config);
  make_directories(run.directory() / "outside");
  Writer outside(run.directory() / "outside/file");
  outside.write(1);
  fs::create_symlink(run.directory() / "outside/file", run.logs() / "out.log");
  run.start();
  REQUIRE(wait_until([&] { return receiver.count() == 1; }));
  CHECK(run.terminate() == ExitStatus{});
  write_file(run.directory() / "config.yaml", before);
  outside.write(1);
  write_file(run.logs() / "app.log", "ordinary\n");
  run.start();
  CHECK(wait_until([&] { return receiver.messages()["ordinary"] == 1; }));
  CHECK(run.terminate() == ExitStatus{});
  CHECK(receiver.count() == 2);
}

TEST_CASE("a FIFO in place of a file that the config names is told, and not waited for") {
  LogRun run("- SINK");
  const std::string fifo = (run.directory() / "fifo").string();
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  const auto config = read_file(run.directory() / "config.yaml");
  const struct {
    std::string name, sink, more;
  } rows[] = {
      {"file", "{name: out, type: file, path: " + fifo + "}", ""},
      {"tls", "{name: out, type: tcp, address: \"127.0.0.1:1\", tls: {caFile: " + fifo + "}}", ""},
      {"hash", "{name: out, type: stdout}",
       "transforms: [{name: r, type: redact, patterns: [mail], with: hash, keyFile: " + fifo + "}]\n"},
  };
  for (const auto& row : rows) {
    auto text = config;
    text.replace(text.find("SINK"), 4, row.sink);
    write_file(run.directory() / "config.yaml", row.more + text);
    const auto output = run.directory() / row.name;
    Child child({TANDEM_BINARY_DIR "/bin/tandem-log", "--config", (run.directory() / "config.yaml").string()}, output);
    CHECK(child.wait().code > 64);
    INFO(read_file(output));
    CHECK(read_file(output).find("it is a FIFO") != std::string::npos);
  }
}

TEST_CASE("a file whose name is no UTF-8 leaves the metrics a page that is") {
  Receiver receiver;
  LogRun run(http_sink(receiver));
  write_file(run.logs() / "\xff.log", "one\n");
  run.start();
  REQUIRE(wait_until([&] { return receiver.count() == 1; }));
  const auto page = run.ask("/metrics");
  CHECK(page.find(".log\"") != std::string::npos);
  write_file(run.directory() / "page", page);
  const auto judged = run_command({"iconv", "-f", "UTF-8", "-t", "UTF-16", (run.directory() / "page").string()});
  INFO(judged.errors);
  CHECK(judged.status == ExitStatus{});
  CHECK(run.terminate() == ExitStatus{});
}

TEST_CASE("a folder that may not be listed for a while: open files go on, new ones come when it may again") {
  if (!is_root()) return skip("needs root: another user's processes");
  Receiver receiver;
  LogRun run(http_sink(receiver));
  fs::permissions(run.directory(), fs::perms::all);
  make_directories(run.directory() / "state");
  fs::permissions(run.directory() / "state", fs::perms::all);
  Writer writer(run.logs() / "app.log");
  writer.write(10);
  run.start({find_program("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups"});
  REQUIRE(wait_until([&] { return receiver.count() == 10; }));
  ::chmod(run.logs().c_str(), 0);
  writer.write(10);
  CHECK(wait_until([&] { return receiver.count() == 20; }));
  writer.rotate_by_rename(5);
  writer.write(10);
  CHECK(wait_until([&] { return run.ask("/readyz").find("cannot be listed") != std::string::npos; }));
  ::chmod(run.logs().c_str(), 0755);
  CHECK(wait_until([&] { return receiver.count() == 30; }));
  CHECK(wait_until([&] { return run.ask("/readyz").starts_with("ok"); }));
  CHECK(run.terminate() == ExitStatus{});
  CHECK(compare(receiver.messages(), 30) == "");
}

TEST_CASE("10,000 files: what each has arrives, at the start and later") {
  constexpr int files = 10'000;
  Receiver receiver;
  LogRun run(http_sink(receiver));
  std::size_t written = 0;
  const auto write_each = [&](const char* text) {
    for (int i = 0; i < files; ++i) {
      const unique_fd file = open_file(run.logs() / fmt::format("{:05}.log", i), O_WRONLY | O_APPEND | O_CREAT, 0644);
      write_all(file.get(), fmt::format("{} {}\n", text, i), "log");
      ++written;
    }
  };
  write_each("first");
  const auto begin = std::chrono::steady_clock::now();
  run.start();
  CHECK(wait_until([&] { return receiver.count() == written; }, std::chrono::minutes(5)));
  const std::chrono::duration<double> first = std::chrono::steady_clock::now() - begin;
  write_each("second");
  CHECK(wait_until([&] { return receiver.count() == written; }, std::chrono::minutes(5)));
  WARN(fmt::format("all shipped {:.1f} s after the start; {} MB of anonymous memory, {} open files", first.count(),
                   resident_kilobytes(run.child().pid()) / 1024, count_open_files(run.child().pid())));
  run.kill();
  run.start();
  write_each("third");
  CHECK(wait_until([&] { return receiver.count() == written; }));
  CHECK(run.terminate() == ExitStatus{});
  CHECK(receiver.messages().size() == written);
  CHECK(receiver.count() == written);
}

TEST_CASE("more files than may be open: the others are shipped, and the lack is said") {
  Receiver receiver;
  LogRun run(http_sink(receiver));
  for (int i = 0; i < 400; ++i) write_file(run.logs() / fmt::format("{:03}.log", i), fmt::format("line {:03}\n", i));
  run.start({find_program("prlimit"), "--nofile=256:256"});
  CHECK(wait_until([&] { return receiver.count() >= 110; }));  // the rest of 256 is for senders, probes and the sink
  CHECK(wait_until([&] { return run.ask("/readyz").find("Too many open files") != std::string::npos; }));
  CHECK(run.metric("tandem_log_unreadable_files{sink=\"out\"}") > 100);
  CHECK(read_file(run.output()).find("files or directories cannot be read now") != std::string::npos);
  CHECK(receiver.count() < 400);
  // As files go, others get their turn.
  const auto remove_shipped = [&] {
    for (const auto& [message, times] : receiver.messages()) fs::remove(run.logs() / (message.substr(5) + ".log"));
    return receiver.count() == 400;
  };
  CHECK(wait_until(remove_shipped));
  CHECK(wait_until([&] { return run.ask("/readyz").starts_with("ok"); }));
  CHECK(run.terminate() == ExitStatus{});
}

TEST_CASE("a line of 10 MB is one record up to the limit, and pieces in order past it; the file goes on") {
  const bool whole = GENERATE(true, false);
  Receiver receiver;
  LogRun run(http_sink(receiver, ", inFlight: 1"), whole ? "limits: {line: 16Mi}" : "");
  const std::string line(10u << 20, 'x');
  write_file(run.logs() / "app.log", "before\n" + line + "\nafter\n");
  run.start();
  CHECK(wait_until([&] { return receiver.messages()["after"] == 1; }));
  CHECK(run.terminate() == ExitStatus{});
  auto messages = receiver.messages();
  CHECK(messages["before"] == 1);
  if (whole) {
    CHECK(messages[line] == 1);
  } else {
    CHECK(messages[std::string(1u << 20, 'x')] == 10);
    CHECK(receiver.records().at(1).find("\"number\":0,\"last\":false") != std::string::npos);
    CHECK(receiver.records().at(10).find("\"last\":true") != std::string::npos);
  }
  CHECK(receiver.complaints().empty());
}

TEST_CASE("with the disk of the file sink full nothing is lost, and nothing is in the file twice") {
  if (!is_root()) return skip("needs root: mounts");
  LogRun run("- {name: out, type: file, path: DIR/shipped/out, format: raw, batch: {maxBytes: 8Ki}}");
  make_directories(run.directory() / "shipped");
  REQUIRE(::unshare(CLONE_NEWNS) == 0);
  REQUIRE(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
  const auto shipped = run.directory() / "shipped";
  REQUIRE(::mount("tmpfs", shipped.c_str(), "tmpfs", 0, "size=256k") == 0);
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(8000);
  REQUIRE(wait_until([&] { return run.metric("tandem_log_retries_total{sink=\"out\"}") > 0; }));
  run.kill();
  run.start();
  REQUIRE(wait_until([&] { return run.metric("tandem_log_retries_total{sink=\"out\"}") > 0; }));
  REQUIRE(::mount("tmpfs", shipped.c_str(), "tmpfs", MS_REMOUNT, "size=8m") == 0);
  CHECK(wait_until([&] { return run.metric("tandem_log_unacknowledged_bytes{sink=\"out\"}") == 0; }));
  CHECK(run.terminate() == ExitStatus{});
  CHECK(read_file(shipped / "out") == read_file(writer.path()));
  ::umount(shipped.c_str());
}
