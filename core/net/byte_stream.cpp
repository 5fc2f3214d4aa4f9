#include "core/net/byte_stream.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "core/net/connect.hpp"

namespace tandem::net {
namespace {

using State = Tried::State;

Tried after_error(int error, State wanted) {
  if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR) return Tried(wanted);
  return Tried(std::generic_category().message(error));
}

class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(Socket open) : socket_(std::move(open)) {}

  Tried try_read(char* to, std::size_t room) override { return receive(to, room, MSG_DONTWAIT); }
  Tried try_write(std::string_view bytes) override {
    const auto count = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0) return after_error(errno, State::wants_write);
    written_ += static_cast<std::uint64_t>(count);
    return Tried(State::done, static_cast<std::size_t>(count));
  }
  Tried look() override {
    char byte;
    return receive(&byte, 1, MSG_PEEK | MSG_DONTWAIT);
  }
  std::uint64_t written() const override { return written_; }
  Socket& socket() override { return socket_; }

 private:
  Tried receive(char* to, std::size_t room, int flags) {
    const auto count = ::recv(socket_.native_handle(), to, room, flags);
    if (count < 0) return after_error(errno, State::wants_read);
    if (count == 0) return Tried(State::ended);
    return Tried(State::done, static_cast<std::size_t>(count));
  }

  Socket socket_;
  std::uint64_t written_ = 0;
};

class PlainConnector final : public Connector {
 public:
  awaitable<Opened> open(Endpoint endpoint, std::chrono::milliseconds limit) override {
    auto connected = co_await connect_to(std::move(endpoint), limit);
    if (!connected.ok()) co_return Opened(std::move(connected.error));
    auto stream = make_plain_stream(std::move(connected.socket));
    co_return Opened(std::move(stream));
  }
};

bool is_waiting(const Tried& tried) { return tried.state == State::wants_read || tried.state == State::wants_write; }

}  // namespace

awaitable<bool> wait_for(ByteStream* stream, Tried::State wanted) {
  const auto what = wanted == State::wants_read ? Socket::wait_read : Socket::wait_write;
  auto [failed] = co_await stream->socket().async_wait(what, as_result);
  co_return !failed;
}

awaitable<Tried> read_some(ByteStream* stream, char* to, std::size_t room) {
  for (;;) {
    Tried tried = stream->try_read(to, room);
    if (!is_waiting(tried)) co_return tried;
    const bool ready = co_await wait_for(stream, tried.state);
    if (!ready) co_return Tried(std::string("Operation canceled"));
  }
}

awaitable<Tried> write_all(ByteStream* stream, std::string_view bytes) {
  const std::size_t all = bytes.size();
  while (!bytes.empty()) {
    Tried tried = stream->try_write(bytes);
    if (tried.state == State::done) {
      bytes.remove_prefix(tried.bytes);
      continue;
    }
    if (!is_waiting(tried)) co_return tried;
    const bool ready = co_await wait_for(stream, tried.state);
    if (!ready) co_return Tried(std::string("Operation canceled"));
  }
  co_return Tried(State::done, all);
}

std::unique_ptr<ByteStream> make_plain_stream(Socket open) { return std::make_unique<PlainStream>(std::move(open)); }

std::shared_ptr<Connector> plain_connector() { return std::make_shared<PlainConnector>(); }

}  // namespace tandem::net
