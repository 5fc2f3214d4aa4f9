#include "core/os/pipe.hpp"

#include <fcntl.h>

#include <catch2/catch.hpp>

#include "core/os/files.hpp"

using namespace tandem;

TEST_CASE("a pipe's ends are close-on-exec, and who reads to the end gets all up to the limit") {
  Pipe pipe = make_pipe();
  for (const unique_fd* end : {&pipe.read_end, &pipe.write_end})
    CHECK((::fcntl(end->get(), F_GETFD) & FD_CLOEXEC) != 0);
  write_all(pipe.write_end.get(), std::string(40000, 'x') + "the end", "pipe");
  pipe.write_end.reset();
  CHECK(read_to_end(pipe.read_end.get(), 16384).size() == 16384);
  CHECK(read_to_end(pipe.read_end.get()) == std::string(40000 - 16384, 'x') + "the end");
}
