#include "ambassador/redis/client_connection.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "ambassador/redis/reply_text.hpp"
#include "core/os/check.hpp"

namespace tandem::redis {
namespace {

constexpr std::size_t receive_from_client_bytes = 16 * 1024;
constexpr std::size_t largest_receive = std::size_t{4} << 20;

}  // namespace

ClientConnection::ClientConnection(Poller& poller, ClientListener& listener, const ClientLimits& limits, unique_fd fd,
                                   std::uint32_t index, std::uint32_t generation)
    : poller_(poller),
      listener_(listener),
      limits_(limits),
      fd_(std::move(fd)),
      index_(index),
      generation_(generation),
      parser_(limits.request),
      events_(EPOLLIN) {
  poller_.add(fd_.get(), events_, *this);
}

ClientConnection::~ClientConnection() {
  if (fd_) poller_.remove(fd_.get());
}

void ClientConnection::close() {
  if (!fd_) return;
  poller_.remove(fd_.get());
  fd_.reset();
  tell_memory();
  listener_.on_closed(*this);
}

void ClientConnection::tell_memory() {
  const std::size_t now = memory();
  if (now != told_memory_) listener_.on_memory(std::exchange(told_memory_, now), now);
}

void ClientConnection::on_ready(std::uint32_t events) {
  if (closed()) return;
  if (events & (EPOLLERR | EPOLLHUP)) return close();
  if (events & EPOLLIN) receive();
  if (!closed() && (events & EPOLLOUT)) flush();
}

void ClientConnection::receive() {
  const std::size_t wanted = parser_.wanted() > in_.size() ? parser_.wanted() - in_.size() : 0;
  char* const room = in_.prepare(std::clamp(wanted, receive_from_client_bytes, largest_receive));
  const ssize_t n = attempt([&] { return ::recv(fd_.get(), room, in_.room(), 0); });
  if (n == -EAGAIN) return;
  if (n < 0) return close();
  if (n == 0) return finish();
  in_.commit(static_cast<std::size_t>(n));
  received_bytes += static_cast<std::uint64_t>(n);
  process();
}

bool ClientConnection::may_process() const {
  return pending_.size() < limits_.pipeline && output_bytes() < limits_.output_bytes;
}

void ClientConnection::process() {
  now_ = Clock::now();
  held_back_ = false;
  while (!finishing_ && !closed()) {
    if (!may_process()) {
      held_back_ = true;
      if (!std::exchange(at_limit_, true))
        listener_.on_limit(*this, pending_.size() < limits_.pipeline ? Limit::output_buffer : Limit::pipeline);
      break;
    }
    if (!offered_) {
      parser_.of_stranger(!session.authenticated);
      const auto result = parser_.next(in_.view(), command_);
      if (result == RequestParser::Result::need_more) {
        at_limit_ = false;
        break;
      }
      if (result == RequestParser::Result::empty) {
        in_.consume(parser_.consumed());
        continue;
      }
      const std::uint64_t sequence = first_ + pending_.size();
      pending_.push(Pending{}).asked = now_;
      if (result == RequestParser::Result::error) {
        std::string text;
        append_error(text, parser_.error());
        if (parser_.too_big())
          listener_.on_limit(*this, session.authenticated ? Limit::request_size : Limit::before_auth);
        complete(sequence, text);
        finish();
        break;
      }
      offered_ = true;
    }
    // Offered commands are the newest of all: nothing is parsed past them.
    if (!listener_.on_command(*this, command_, first_ + pending_.size() - 1)) {
      held_back_ = true;
      break;
    }
    offered_ = false;
    in_.consume(parser_.consumed());
  }
  if (closed()) return;
  interest();
  tell_memory();
}

void ClientConnection::resume() {
  if (!closed() && held_back_) process();
}

void ClientConnection::finish() {
  if (finishing_ || closed()) return;
  finishing_ = true;
  if (offered_) complete(first_ + pending_.size() - 1, "-ERR tandem-redis is shutting down\r\n");
  interest();
  ask_flush();  // which closes when nothing is left
}

// Not read while held back: the kernel's buffers fill, and the client waits.
void ClientConnection::interest() {
  const std::uint32_t wanted = (finishing_ || held_back_ ? 0u : static_cast<std::uint32_t>(EPOLLIN)) |
                               (writing_ ? static_cast<std::uint32_t>(EPOLLOUT) : 0u);
  if (wanted == events_) return;
  events_ = wanted;
  poller_.modify(fd_.get(), events_, *this);
}

Gathered& ClientConnection::gather(std::uint64_t sequence) {
  auto& place = at(sequence).gathered;
  place = std::make_unique<Gathered>();
  return *place;
}

Gathered* ClientConnection::gathered(std::uint64_t sequence) {
  if (sequence < first_ || sequence - first_ >= pending_.size()) return nullptr;
  return at(sequence).gathered.get();
}

void ClientConnection::complete(std::uint64_t sequence, std::string_view reply) {
  if (closed() || sequence < first_ || sequence - first_ >= pending_.size()) return;
  Pending& pending = at(sequence);
  if (pending.ready) return;
  pending.ready = true;
  if (sequence != first_) {
    pending.reply.assign(reply);
    held_bytes_ += reply.size();
    return tell_memory();
  }
  out_.append(reply);
  pop_ready();
  ask_flush();
  if (held_back_ && !wants_resume && may_process()) listener_.wants_resume(*this);
  tell_memory();
}

void ClientConnection::take_part(Gathered& gathered, std::size_t part, std::string_view reply) {
  gathered.parts[part].bytes = reply;
  gathered.bytes += reply.size();
  held_bytes_ += reply.size();
  tell_memory();
}

void ClientConnection::pop_ready() {
  bool first = true;
  while (!pending_.empty() && pending_.front().ready) {
    Pending& front = pending_.front();
    if (!first) {
      out_.append(front.reply);
      held_bytes_ -= front.reply.size();
    }
    first = false;
    listener_.on_answered(front.asked, front.write);
    front.ready = front.write = false;
    front.reply.clear();
    if (front.reply.capacity() > 4096) front.reply.shrink_to_fit();
    if (front.gathered) held_bytes_ -= front.gathered->bytes;
    front.gathered.reset();
    pending_.pop();
    ++first_;
  }
}

void ClientConnection::ask_flush() {
  if (!wants_flush) listener_.wants_flush(*this);
}

void ClientConnection::flush() {
  if (closed()) return;
  if (!out_.empty()) {
    const auto bytes = out_.view();
    const ssize_t n = attempt([&] { return ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); });
    if (n < 0 && n != -EAGAIN) return close();
    if (n > 0) out_.consume(static_cast<std::size_t>(n)), sent_bytes += static_cast<std::uint64_t>(n);
    tell_memory();
  }
  writing_ = !out_.empty();
  if (finishing_ && pending_.empty() && out_.empty()) return close();
  if (held_back_ && !wants_resume && may_process()) listener_.wants_resume(*this);
  interest();
}

}  // namespace tandem::redis
