// In each program of a tree with sanitizers: what they print goes to stderr, as ever, and also into the tree's folder
// sanitizer/. Nobody may see a program's stderr: tandem-pod's is deleted with its pod, and its keeper starts another
// supervisor.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

// ASan, LSan and UBSan call it with each text (sanitizer/common_interface_defs.h). It is the one way that needs no
// environment, which tandem-pod clears. A process that is in a container's root already does not find the folder; its
// parent tells of its end.
extern "C" void __sanitizer_on_print(const char* text) {
  const int before = errno;
  char path[sizeof(TANDEM_SANITIZER_REPORTS) + 32];
  std::snprintf(path, sizeof(path), "%s/report.%d", TANDEM_SANITIZER_REPORTS, static_cast<int>(::getpid()));
  const int file = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file >= 0) {
    const ssize_t written = ::write(file, text, std::strlen(text));
    static_cast<void>(written);  // nobody is left to be told
    ::close(file);
  }
  errno = before;
}

// An exception that nobody catches ends a program with SIGABRT, which is a crash as others are. ASAN_OPTIONS adds to
// it.
extern "C" const char* __asan_default_options() { return "handle_abort=1"; }
