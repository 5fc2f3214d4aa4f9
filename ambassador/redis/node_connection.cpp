#include "ambassador/redis/node_connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "ambassador/redis/request_parser.hpp"
#include "core/os/check.hpp"

namespace tandem::redis {
namespace {

constexpr std::size_t receive_from_node_bytes = 64 * 1024;
constexpr std::size_t own_reply_bytes = std::size_t{4} << 20;  // of what is asked for our own sake
constexpr net::BackoffPolicy reconnect_policy{std::chrono::milliseconds(50), std::chrono::milliseconds(2000), 2};

std::string error_text(int number) { return std::strerror(number); }

}  // namespace

NodeConnection::NodeConnection(asio::io_context& io, Poller& poller, NodeListener& listener, const NodeOptions& options,
                               NodeAddress address)
    : poller_(poller),
      listener_(listener),
      options_(options),
      address_(std::move(address)),
      name_(to_string(address_)),
      resolver_(io),
      backoff_(reconnect_policy) {}

NodeConnection::~NodeConnection() {
  if (fd_) poller_.remove(fd_.get());
}

bool NodeConnection::send(InFlight in_flight, std::string_view request) {
  if (state_ == State::down) {
    if (Clock::now() < paused_until_) return false;
    start_connecting();
    if (state_ == State::down) return false;
  }
  if (out_.size() + request.size() > options_.queue_bytes && !queue_.empty()) {
    listener_.on_queue_full(*this);
    return false;
  }
  in_flight.bytes = static_cast<std::uint32_t>(request.size());
  out_.append(request);
  queue_.push(in_flight);
  if (!wants_flush && state_ == State::up) listener_.wants_flush(*this);
  return true;
}

std::string NodeConnection::why_not() const {
  if (state_ == State::down) return name_ + " cannot be reached: " + last_error_;
  return "requests of limits.nodeQueue are on their way to " + name_ + " already";
}

void NodeConnection::keep_up(Clock::time_point now) {
  if (state_ == State::down && now >= paused_until_) start_connecting();
}

void NodeConnection::start_connecting() {
  connect_deadline_ = Clock::now() + options_.connect_timeout;
  net::error_code error;
  asio::ip::make_address(address_.host, error);
  if (error)
    resolve();
  else
    connect_to(address_.host);
}

void NodeConnection::resolve() {
  state_ = State::resolving;
  resolver_.async_resolve(
      address_.host, "", [this, alive = std::weak_ptr(alive_)](const net::error_code& error, auto results) {
        if (alive.expired() || error == asio::error::operation_aborted || state_ != State::resolving) return;
        if (error || results.empty()) return lose("resolve " + address_.host + ": " + error.message());
        connect_to(results.begin()->endpoint().address().to_string());
      });
}

void NodeConnection::connect_to(const std::string& host) {
  state_ = State::connecting;
  const asio::ip::tcp::endpoint peer(asio::ip::make_address(host), address_.port);
  const int fd = ::socket(peer.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return lose("open a socket: " + error_text(errno));
  fd_.reset(fd);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  poller_.add(fd, EPOLLIN | EPOLLOUT, *this);
  writing_ = true;
  if (::connect(fd, peer.data(), static_cast<socklen_t>(peer.size())) == 0 || errno == EINPROGRESS) return;
  lose("connect to " + name_ + ": " + error_text(errno));
}

void NodeConnection::connected() {
  int error = 0;
  socklen_t length = sizeof error;
  ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) return lose("connect to " + name_ + ": " + error_text(error));
  state_ = State::up;
  ++counts.connects;
  waits_for_auth_ = !options_.password.empty();
  if (waits_for_auth_) {
    std::string auth;
    if (options_.username.empty())
      append_request(auth, {"AUTH", options_.password});
    else
      append_request(auth, {"AUTH", options_.username, options_.password});
    InFlight first;
    first.purpose = Purpose::auth;
    first.bytes = static_cast<std::uint32_t>(auth.size());
    first.deadline = Clock::now() + options_.request_timeout;
    ByteBuffer queued = std::move(out_);
    out_ = ByteBuffer();
    out_.append(auth);
    out_.append(queued.view());
    Ring<InFlight> waiting;
    waiting.push(first);
    for (std::size_t i = 0; i < queue_.size(); ++i) waiting.push(queue_[i]);
    queue_ = std::move(waiting);
  }
  flush();
}

void NodeConnection::interest(bool writing) {
  if (writing == writing_) return;
  writing_ = writing;
  poller_.modify(fd_.get(), writing ? EPOLLIN | EPOLLOUT : EPOLLIN, *this);
}

void NodeConnection::flush() {
  if (state_ != State::up) return;
  const std::string_view unsent = out_.view().substr(sent_);
  if (unsent.empty()) return interest(false);
  const ssize_t n = attempt([&] { return ::send(fd_.get(), unsent.data(), unsent.size(), MSG_NOSIGNAL); });
  if (n < 0 && n != -EAGAIN) return lose("send to " + name_ + ": " + error_text(static_cast<int>(-n)));
  if (n > 0) sent_ += static_cast<std::size_t>(n), counts.sent_bytes += static_cast<std::uint64_t>(n);
  interest(sent_ < out_.size());
}

void NodeConnection::on_ready(std::uint32_t events) {
  if (state_ == State::connecting && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))) return connected();
  if (state_ != State::up) return;
  if (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) receive();
  if (state_ == State::up && (events & EPOLLOUT)) flush();
}

void NodeConnection::receive() {
  const std::size_t wanted = scanner_.wanted() > in_.size() ? scanner_.wanted() - in_.size() : 0;
  char* const room = in_.prepare(std::max(receive_from_node_bytes, std::min(wanted, std::size_t{4} << 20)));
  const ssize_t n = attempt([&] { return ::recv(fd_.get(), room, in_.room(), 0); });
  if (n == -EAGAIN) return;
  if (n <= 0)
    return lose(name_ + (n == 0 ? std::string(" closed the connection") : ": " + error_text(static_cast<int>(-n))));
  in_.commit(static_cast<std::size_t>(n));
  counts.received_bytes += static_cast<std::uint64_t>(n);
  while (state_ == State::up && !in_.empty()) {
    const auto result = scanner_.next(in_.view());
    if (result == ReplyScanner::Result::need_more) return pass_over_large();
    if (result == ReplyScanner::Result::error) return lose(name_ + " sent something that is no RESP2");
    if (queue_.empty() || sent_ < queue_.front().bytes) return lose(name_ + " sent a reply that nobody asked for");
    const std::size_t size = scanner_.size();
    passing_over_ = false;
    answer(in_.view().substr(0, size));
    if (state_ != State::up) return;
    in_.consume(size);
  }
}

std::size_t NodeConnection::most_of_first() {
  const bool client = queue_.empty() || is_of_client(queue_.front().purpose);
  return client ? options_.reply_bytes : std::min(own_reply_bytes, options_.reply_bytes);
}

// Whoever asked for too much gets an error at once, and the others on this connection their replies after it.
void NodeConnection::pass_over_large() {
  if (!passing_over_) {
    if (std::max(in_.size(), scanner_.wanted()) <= most_of_first()) return;
    if (queue_.empty() || sent_ < queue_.front().bytes) return lose(name_ + " sent a reply that nobody asked for");
    if (queue_.front().purpose == Purpose::auth) return lose(name_ + " answers AUTH with too much");
    passing_over_ = true;
    if (!std::exchange(queue_.front().answered, true)) listener_.on_too_large(*this, InFlight(queue_.front()));
    if (state_ != State::up) return;
  }
  in_.consume(scanner_.pass_over(in_.size()));
}

void NodeConnection::answer(std::string_view reply) {
  const InFlight first = queue_.front();
  queue_.pop();
  stuck_since_ = {};
  if (first.purpose == Purpose::auth) {
    if (reply[0] == '-') return lose(name_ + " refused AUTH: " + words(reply));
    waits_for_auth_ = false;
  }
  backoff_.reset();  // not sooner: one that accepts and refuses is not asked ten times a second
  if (!first.answered) listener_.on_reply(*this, first, reply, out_.view().substr(0, first.bytes));
  if (state_ != State::up) return;
  out_.consume(first.bytes);
  sent_ -= first.bytes;
}

void NodeConnection::tick(Clock::time_point now) {
  if ((state_ == State::connecting || state_ == State::resolving) && now >= connect_deadline_)
    return lose((state_ == State::resolving ? "resolve " : "connect to ") + name_ + ": timed out");
  if (queue_.empty()) return;
  // The oldest come first; one sent again may stand behind younger ones and is found a little late.
  for (std::size_t i = 0; i < queue_.size() && (queue_[i].answered || now >= queue_[i].deadline); ++i) {
    if (queue_[i].answered) continue;
    queue_[i].answered = true;
    ++counts.timeouts;
    const InFlight late = queue_[i];
    listener_.on_timeout(*this, late);
  }
  if (!queue_.front().answered) return;
  if (stuck_since_ == Clock::time_point{}) stuck_since_ = now;
  if (now - stuck_since_ >= options_.request_timeout) lose(name_ + " does not answer");
}

void NodeConnection::close(const std::string& reason) {
  if (state_ != State::down) lose(reason);
}

void NodeConnection::lose(const std::string& reason) {
  if (fd_) poller_.remove(fd_.get());
  fd_.reset();
  resolver_.cancel();
  state_ = State::down;
  writing_ = false;
  last_error_ = reason;
  stuck_since_ = {};
  ++counts.failures;
  paused_until_ = Clock::now() + backoff_.next();
  Ring<InFlight> lost = std::move(queue_);
  ByteBuffer requests = std::move(out_);
  const std::size_t sent = sent_;
  queue_ = {}, out_ = ByteBuffer(), in_ = ByteBuffer(), scanner_ = ReplyScanner(), sent_ = 0, passing_over_ = false;
  std::size_t at = 0;
  for (std::size_t i = 0; i < lost.size(); ++i) {
    const InFlight& one = lost[i];
    const std::string_view request = requests.view().substr(at, one.bytes);
    at += one.bytes;
    // A node executes a request only when it has all of it.
    if (!one.answered) listener_.on_lost(*this, one, request, at <= sent, reason);
  }
  listener_.on_down(*this, reason);
}

}  // namespace tandem::redis
