#include "core/os/pipe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "core/os/files.hpp"

using namespace tandem;

TEST_CASE("descriptors travel over a socket with a message and are close-on-exec at the other end") {
  SocketPair pair = make_socket_pair();
  Pipe pipe = make_pipe();
  send_fds(pair.first.get(), {pipe.write_end.get()}, "the write end");
  Received received = receive_fds(pair.second.get());
  CHECK(received.message == "the write end");
  REQUIRE(received.fds.size() == 1);
  CHECK((::fcntl(received.fds[0].get(), F_GETFD) & FD_CLOEXEC) != 0);
  write_all(received.fds[0].get(), "through", "pipe");
  pipe.write_end.reset();
  received.fds.clear();
  CHECK(read_to_end(pipe.read_end.get()) == "through");
}

TEST_CASE("a closed peer reads as an empty message without descriptors") {
  SocketPair pair = make_socket_pair();
  pair.first.reset();
  const Received received = receive_fds(pair.second.get());
  CHECK(received.message.empty());
  CHECK(received.fds.empty());
}
