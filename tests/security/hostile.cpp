// What a hostile image would run. Each verb tries one way out and prints one line: "refused: WHY" or what it could do.
// Static, so that an image needs nothing else. It changes nothing of the host's, even where it could.
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fstream>
#include <set>
#include <string_view>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/security/hostile_calls.hpp"

namespace fs = std::filesystem;
using namespace hostile;

namespace {

// Holds the program of the first process that is neither pid 1 nor ours, and waits for it to be writable
// (CVE-2019-5736).
int overwrite_program() {
  std::error_code error;
  const fs::path own = fs::read_symlink("/proc/self/exe", error);
  say("waiting");
  for (;;) {
    for (const auto& entry : fs::directory_iterator("/proc", error)) {
      const int pid = atoi(entry.path().filename().c_str());
      if (pid <= 1 || pid == getpid()) continue;
      const int held = open((entry.path() / "exe").c_str(), O_PATH | O_CLOEXEC);
      if (held < 0) continue;
      const std::string again = "/proc/self/fd/" + std::to_string(held);
      if (fs::read_symlink(again, error) == own) {
        close(held);
        continue;
      }
      int file;
      do file = open(again.c_str(), O_WRONLY | O_CLOEXEC);
      while (file < 0 && errno == ETXTBSY);
      say(file < 0 ? std::string("refused: ") + strerror(errno) : "could write the host's program");
      if (file >= 0) close(file);
      close(held);
    }
  }
}

// The standard streams, and whatever else was left open: a descriptor whose file is none of the container's.
int descriptors() {
  for (int fd = 0; fd < 256; ++fd) {
    struct stat status {};
    if (fstat(fd, &status) != 0) continue;
    std::error_code error;
    say(std::to_string(fd) + " " + fs::read_symlink("/proc/self/fd/" + std::to_string(fd), error).string() + " dev " +
        std::to_string(status.st_dev) + " ino " + std::to_string(status.st_ino));
  }
  return 0;
}

// Children until the kernel refuses one, ten thousand at most.
int fork_without_end() {
  for (int made = 0; made < 10'000; ++made) {
    const pid_t child = fork();
    if (child == 0) {
      pause();
      _exit(0);
    }
    if (child > 0) continue;
    say(std::string("refused: ") + strerror(errno) + " after " + std::to_string(made));
    pause();
  }
  say("forked ten thousand times");
  pause();
  return 0;
}

// Writes to a file until it is refused, 64 MiB at most.
int fill(const char* path) {
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) {
    say(std::string("refused to open: ") + strerror(errno));
    return 0;
  }
  static char block[65536];
  long written = 0;
  while (written < 64l << 20) {
    const ssize_t count = write(file, block, sizeof block);
    if (count < 0) {
      say(std::string("refused: ") + strerror(errno));
      return 0;
    }
    written += count;
  }
  say("wrote 64 MiB");
  return 0;
}

// Opens each file for writing, and writes nothing: what would be the way out is not taken.
int open_for_writing(const std::vector<std::string>& files) {
  for (const std::string& name : files) {
    const int file = open(name.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK);
    say(name + (file < 0 ? " " + refused(errno) : " could be opened for writing"));
    if (file >= 0) close(file);
  }
  return 0;
}

bool same_directory(const struct stat& one, const char* path) {
  struct stat other {};
  return stat(path, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

// Every "/" that is not the container's own.
int leave_root() {
  struct stat root {};
  stat("/", &root);
  const auto tell = [&](const std::string& way, const char* path) {
    say(way + (same_directory(root, path) ? " refused: it is the same root" : " could be another root"));
  };
  for (const char* path : {"/..", "/../..", "/proc/1/root", "/proc/1/root/..", "/proc/self/root/../.."})
    tell(path, path);
  // Out of a chroot goes who stands outside of it (chroot(2)); the container's root is none.
  mkdir("/tmp", 0755);
  mkdir("/tmp/deeper", 0755);
  if (chroot("/tmp/deeper") != 0) {
    say("chroot " + refused(errno));
    return 0;
  }
  for (int step = 0; step < 64; ++step) {
    if (chdir("..") != 0) break;
  }
  tell("chroot", ".");
  return 0;
}

// Exchanges two names of a directory without end, so that whoever looks a path up meets now the one and now the other.
int swap_names(const char* one, const char* other) {
  say("swapping");
  for (;;) {
    if (syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE) != 0) {
      say("swap " + refused(errno));
      return 1;
    }
  }
}

bool holds(int memory, const std::string& needle, unsigned long begin, unsigned long end) {
  std::string bytes(1u << 20, '\0');
  for (unsigned long at = begin; at < end; at += bytes.size() - needle.size()) {
    const ssize_t count =
        pread(memory, bytes.data(), std::min<unsigned long>(bytes.size(), end - at), static_cast<off_t>(at));
    if (count <= 0) return false;
    if (std::string_view(bytes.data(), static_cast<std::size_t>(count)).find(needle) != std::string_view::npos)
      return true;
  }
  return false;
}

// Stops it wherever it is on its way, and searches all of its memory.
void search(pid_t pid, const std::string& needle) {
  if (ptrace(PTRACE_SEIZE, pid, 0, 0) != 0) return;
  ptrace(PTRACE_INTERRUPT, pid, 0, 0);
  waitpid(pid, nullptr, __WALL);
  const std::string process = "/proc/" + std::to_string(pid);
  if (const int memory = open((process + "/mem").c_str(), O_RDONLY | O_CLOEXEC); memory >= 0) {
    std::ifstream maps(process + "/maps");
    for (std::string line; std::getline(maps, line);) {
      unsigned long begin = 0, end = 0;
      if (sscanf(line.c_str(), "%lx-%lx r", &begin, &end) == 2 && holds(memory, needle, begin, end))
        hostile::say("memory of " + std::to_string(pid) + " could: " + line);
    }
    close(memory);
    hostile::say("searched " + std::to_string(pid));
  }
  ptrace(PTRACE_DETACH, pid, 0, 0);
}

// Looks for commands that come in, in their memory for a secret of others, and through what they have open or stand in
// at a file of the host's.
int peek_through_commands(const char* file, const std::string& needle) {
  std::set<std::string> seen;
  for (;;) {
    DIR* processes = opendir("/proc");
    for (const dirent* entry = readdir(processes); entry; entry = readdir(processes)) {
      const std::string name = entry->d_name;
      if (name == "1" || name.find_first_not_of("0123456789") != std::string::npos) continue;
      const std::string process = "/proc/" + name;
      if (const int opened = open((process + "/root" + file).c_str(), O_RDONLY | O_CLOEXEC); opened >= 0) {
        close(opened);
        hostile::say("root of " + name + " could");
      }
      if (DIR* descriptors = opendir((process + "/fd").c_str())) {
        char target[4096];
        for (const dirent* fd = readdir(descriptors); fd; fd = readdir(descriptors)) {
          const ssize_t length = readlink((process + "/fd/" + fd->d_name).c_str(), target, sizeof target - 1);
          if (length > 0 &&
              std::string(target, static_cast<std::size_t>(length)).find("/run/pods/") != std::string::npos)
            hostile::say("descriptor of " + name + " could");
        }
        closedir(descriptors);
      }
      if (seen.insert(name).second) {
        hostile::say("seen " + name);
        search(atoi(name.c_str()), needle);
      }
    }
    closedir(processes);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "overwrite-program") return overwrite_program();
  if (verb == "descriptors") return descriptors();
  if (verb == "fill" && argc == 3) return fill(argv[2]);
  if (verb == "fork") return fork_without_end();
  const std::vector<std::string> rest(argv + std::min(argc, 2), argv + argc);
  if (verb == "calls") return try_calls();
  if (verb == "open") return open_for_writing(rest);
  if (verb == "leave-root") return leave_root();
  if (verb == "reach") return reach_processes(rest);
  if (verb == "flood-names") return flood_names();
  if (verb == "speak-as" && argc == 5) return speak_as(argv[2], argv[3], atoi(argv[4]));
  if (verb == "peek" && argc == 4) return peek_through_commands(argv[2], argv[3]);
  if (verb == "swap" && argc == 4) return swap_names(argv[2], argv[3]);
  fprintf(stderr,
          "usage: hostile overwrite-program | descriptors | fill FILE | fork | calls | open FILE... | reach PID... | "
          "leave-root | flood-names | peek FILE SECRET | swap NAME NAME | speak-as NEIGHBOUR VICTIM PORT\n");
  return 64;
}
