// A connected stream of bytes, plain or encrypted, that never blocks: what it cannot do now it says, and the caller
// waits.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/net/asio.hpp"
#include "core/net/endpoint.hpp"

namespace tandem::net {

// What became of one try to read or write. It crosses a co_await: constructors, no aggregate.
class Tried {
 public:
  enum class State {
    done,         // `bytes` of them, at least one
    wants_read,   // try again when the socket is readable
    wants_write,  // try again when it is writable
    ended,        // the other side closed, as it should; of reading only
    failed,       // for good; `error` says why
  };
  Tried() = default;
  explicit Tried(State its_state, std::size_t count = 0) : state(its_state), bytes(count) {}
  explicit Tried(std::string why) : state(State::failed), error(std::move(why)) {}

  State state = State::done;
  std::size_t bytes = 0;
  std::string error;
};

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  virtual Tried try_read(char* to, std::size_t room) = 0;
  virtual Tried try_write(std::string_view bytes) = 0;  // not empty; after wants_*: the same bytes again
  // Looks without taking anything: done means that there is something to read, wants_read that the connection is open
  // and silent.
  virtual Tried look() = 0;
  // What the kernel was given for this connection so far: of an encrypted one, the ciphertext and the handshake.
  virtual std::uint64_t written() const = 0;
  virtual Socket& socket() = 0;
};

// Until something came: done, ended or failed.
awaitable<Tried> read_some(ByteStream* stream, char* to, std::size_t room);
// All of it: done (with the number of bytes) or failed.
awaitable<Tried> write_all(ByteStream* stream, std::string_view bytes);
// Until what a try asked for is there. False: the wait was cancelled, or the socket is closed.
awaitable<bool> wait_for(ByteStream* stream, Tried::State wanted);

std::unique_ptr<ByteStream> make_plain_stream(Socket open);

class Opened {
 public:
  Opened() = default;
  explicit Opened(std::unique_ptr<ByteStream> its_stream) : stream(std::move(its_stream)) {}
  explicit Opened(std::string why) : error(std::move(why)) {}
  bool ok() const { return error.empty(); }

  std::unique_ptr<ByteStream> stream;  // nullptr when there is an error
  std::string error;                   // why not: "connect to 127.0.0.1:80: Connection refused"
};

// Makes connections of one kind.
class Connector {
 public:
  virtual ~Connector() = default;
  // Ready to use within `limit`, or why not. Never throws for the peer's or the network's fault.
  virtual awaitable<Opened> open(Endpoint endpoint, std::chrono::milliseconds limit) = 0;
};

std::shared_ptr<Connector> plain_connector();  // TCP and Unix

}  // namespace tandem::net
