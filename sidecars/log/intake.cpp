#include "sidecars/log/intake.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "core/net/listener.hpp"
#include "core/net/timeout.hpp"
#include "core/observe/log.hpp"
#include "core/os/check.hpp"
#include "sidecars/log/datagram_socket.hpp"

namespace tandem::shipper {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_at_once = 64 << 10;  // bytes of one stream before another's turn
constexpr int most_datagrams_at_once = 256;
constexpr std::size_t longest_datagram = 256 << 10;
constexpr std::size_t most_pending = 1 << 20;  // bytes in memory before they are written
constexpr auto room_pause = 100ms;
constexpr auto longest_finish = 2s;
constexpr auto between_told = 1min;
constexpr auto longest_handshake = 10s;
constexpr std::size_t tls_record = 16 << 10;

// Of all sources: descriptors are the process's.
std::vector<Intake*>& all_intakes() {
  static std::vector<Intake*> all;
  return all;
}

net::Endpoint endpoint_of(const std::string& text) {
  std::string why;
  return net::parse_endpoint(text, why).value();  // it was checked
}

unique_fd listen_stream(const net::Endpoint& endpoint, unsigned mode) {
  net::ListenOptions options;
  options.mode = mode;
  return net::listen_on(endpoint, options);
}

}  // namespace

Intake::Intake(std::string source, const IntakeSettings& settings, SpoolOptions spool, run::Context& context,
               Intake* before)
    : source_(std::move(source)),
      settings_(settings),
      spool_(spool),
      most_(static_cast<std::size_t>(spool.line_limit)),
      context_(&context),
      limits_(context.metrics(), source_),
      buffer_(new char[longest_datagram]) {
  constexpr auto streams = &Intake::listening_, datagrams = &Intake::datagrams_;
  if (!settings.tcp.empty()) listen(streams, settings.tcp, listen_stream, before);
  if (!settings.unix_stream.empty()) listen(streams, "unix:" + settings.unix_stream, listen_stream, before);
  if (!settings.tls.empty()) {
    tls_ = std::make_unique<net::TlsAcceptor>(settings.tls_files);
    listen(streams, settings.tls, listen_stream, before).with_tls = true;
  }
  if (!settings.udp.empty()) listen(datagrams, settings.udp, bind_datagrams, before);
  if (!settings.unix_datagram.empty()) listen(datagrams, "unix:" + settings.unix_datagram, bind_datagrams, before);
  if (settings.kind == IntakeSettings::Kind::standard_input) open_standard_input();
  all_intakes().push_back(this);
}

Intake::~Intake() { std::erase(all_intakes(), this); }

Intake::Port& Intake::listen(std::list<Port> Intake::*ports, const std::string& endpoint, Open open, Intake* before) {
  const net::Endpoint where = endpoint_of(endpoint);
  unique_fd fd;
  SocketFile file;
  if (before) {
    for (Port& port : before->*ports) {
      if (port.endpoint != endpoint || fd) continue;
      fd = unique_fd(
          check([&] { return ::fcntl(port.fd.native_handle(), F_DUPFD_CLOEXEC, 3); }, "go on with", endpoint));
      port.passed_on = true;
      file = std::move(port.file);
    }
  }
  const bool is_new = !fd;
  if (is_new) fd = open(where, settings_.mode);
  Port& port = (this->*ports).emplace_back(Descriptor(context_->io(), fd.release()));
  port.endpoint = endpoint;
  port.is_unix = where.is_unix();
  if (port.is_unix) port.file = is_new ? SocketFile(where.path) : std::move(file);
  if (!is_new) port.file.set_mode(settings_.mode);
  return port;
}

void Intake::open_standard_input() {
  // Opened again, non-blocking reads do not change it for whoever shares it. A socket cannot be.
  int fd = attempt([&] { return ::open("/proc/self/fd/0", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC); });
  if (fd < 0) {
    fd = check([&] { return ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3); }, "read", "stdin");
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  }
  add_stream(fd, "");
}

std::shared_ptr<Intake::Stream> Intake::add_stream(int fd, std::string peer) {
  const bool syslog = settings_.kind == IntakeSettings::Kind::syslog;
  // A long line goes on in parts, a counted message has to be held as a whole.
  const std::size_t most = syslog ? most_ : std::min(most_, most_at_once);
  streams_.push_back(std::make_shared<Stream>(
      Descriptor(context_->io(), fd), syslog ? StreamFraming::syslog : StreamFraming::lines, most, std::move(peer)));
  return streams_.back();
}

void Intake::begin() {
  for (auto& port : listening_) context_->spawn("accept for " + source_, accept(shared_from_this(), &port));
  for (auto& port : datagrams_) context_->spawn("receive for " + source_, receive(shared_from_this(), &port));
  for (auto& stream : streams_) context_->spawn("read for " + source_, serve(shared_from_this(), stream));
}

bool Intake::has_room() {
  const bool written = spool_.flush();
  tell_problem();
  if (!written) return false;
  const auto now = std::chrono::steady_clock::now();
  if (!spool_.has_room() && now - counted_ >= room_pause) {
    counted_ = now;
    spool_.count_again();
  }
  return spool_.has_room();
}

net::awaitable<void> Intake::accept(std::shared_ptr<Intake> self, Port* port) {
  while (!self->closing_) {
    auto [error] = co_await port->fd.async_wait(Descriptor::wait_read, net::as_result);
    if (error || self->closing_) co_return;
    bool accepted = false;
    try {
      const bool full = self->streams_.size() >= self->settings_.max_connections;
      accepted = (!full || self->make_room("connections")) && self->accept_one(*port, true);
    } catch (const std::exception& why) {
      observe::log_warning("a sender cannot be accepted", {{"source", self->source_}, {"reason", why.what()}});
    }
    if (accepted) continue;
    const bool waited = co_await net::sleep_for(room_pause);  // for room, descriptors, or the sender has gone
    if (!waited) co_return;
  }
}

// Those that have said nothing since they came before those that have, and these before those that have finished a
// message: with few places, whoever begins fifty messages would be everybody's end who pauses for a moment.
bool Intake::Stream::yields_to(const Stream& other) const {
  return std::tuple(finished, spoke, since) < std::tuple(other.finished, other.spoke, other.since);
}

std::shared_ptr<Intake::Stream> Intake::longest_silent() const {
  std::shared_ptr<Stream> found;
  for (const auto& stream : streams_)
    if (!found || stream->yields_to(*found)) found = stream;
  return found;
}

bool Intake::make_room(const char* reason) {
  if (!has_room()) return false;  // nobody is read: those who seem silent may not be
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    const auto stream = longest_silent();
    if (!stream) break;
    const bool spoke = stream->shaken && read(*stream);
    if (!stream->open) return true;
    if (spoke) continue;  // it was not silent
    take_all_and_close(*stream);
    limits_.count(reason);
    return true;
  }
  return false;
}

// One source's senders may have what another one needs.
bool Intake::spare_descriptor() {
  Intake* found = this;
  std::shared_ptr<Stream> first = longest_silent();
  for (Intake* const intake : all_intakes()) {
    const auto stream = intake->closing_ ? nullptr : intake->longest_silent();
    if (stream && (!first || stream->yields_to(*first))) found = intake, first = stream;
  }
  return found->make_room("descriptors");
}

bool Intake::accept_one(Port& port, bool serve_it) {
  int fd = attempt([&] { return ::accept4(port.fd.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK); });
  if (fd == -EMFILE || fd == -ENFILE) spare_descriptor();
  if (fd < 0) return false;
  if (net::is_of_reserve(fd)) {
    unique_fd of_reserve(fd);
    if (!spare_descriptor()) return false;
    fd = net::move_below_reserve(std::move(of_reserve)).release();
    if (fd < 0) return false;
  }
  const int on = 1;  // a sender whose machine is gone does not keep its place for ever
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  auto session = port.with_tls ? start_tls(fd) : nullptr;
  if (port.with_tls && !session) {
    ::close(fd);
    return true;
  }
  auto stream = add_stream(fd, stream_peer(fd));
  if (session) {
    stream->tls = std::move(session);
    stream->shaken = false;
    limit_handshake(stream);
  } else {
    limit_first_byte(stream);
  }
  if (serve_it) context_->spawn("read for " + source_, serve(shared_from_this(), stream));
  return true;
}

net::awaitable<void> Intake::serve(std::shared_ptr<Intake> self, std::shared_ptr<Stream> stream) {
  while (stream->open && !self->closing_) {
    if (stream->shaken && !self->has_room()) {
      const bool waited = co_await net::sleep_for(room_pause);
      if (!waited) co_return;
      continue;
    }
    if (stream->always_readable) {
      const bool waited = co_await net::sleep_for(0ms);
      if (!waited) co_return;
    } else {
      const auto wanted = stream->wants_write ? Descriptor::wait_write : Descriptor::wait_read;
      auto [error] = co_await stream->fd.async_wait(wanted, net::as_result);
      stream->always_readable = error == asio::error::operation_not_supported;
      if (error && !stream->always_readable) co_return;
    }
    if (!stream->open || self->closing_) co_return;
    try {
      self->read(*stream);
    } catch (const std::exception& why) {
      self->give_up(*stream, why);
    }
  }
}

// A lack of memory, say. It ends this sender, and nobody else.
void Intake::give_up(Stream& stream, const std::exception& why) {
  ++counts_.broken_streams;
  close(stream);
  observe::log_warning("a sender cannot be read, the connection is closed",
                       {{"source", source_}, {"peer", stream.peer}, {"reason", why.what()}});
}

bool Intake::read(Stream& stream) {
  if (!stream.shaken) return shake_hands(stream);
  const long count = stream.tls
                         ? read_tls(stream)
                         : attempt([&] { return ::read(stream.fd.native_handle(), buffer_.get(), most_at_once); });
  if (count == -EAGAIN) return false;
  const std::string_view bytes(buffer_.get(), count > 0 ? static_cast<std::size_t>(count) : 0);
  if (!bytes.empty()) {
    stream.spoke = true;
    stream.since = std::chrono::steady_clock::now();
    stream.patience.cancel();
  }
  const bool ended = count <= 0 || stream.ended;
  const bool good = stream.messages.feed(bytes, ended, [&](std::string_view text, bool whole) {
    stream.finished |= whole;
    take(stream.peer, text, whole);
  });
  if (!good) {
    ++counts_.broken_streams;
    observe::log_warning("a sender's messages cannot be told apart, the connection is closed",
                         {{"source", source_}, {"peer", stream.peer}});
  }
  spool_.flush();
  unfinished_ += stream.messages.held_bytes() - stream.unfinished;
  stream.unfinished = stream.messages.held_bytes();
  if (!good || ended) close(stream);
  bound_unfinished();
  return true;
}

void Intake::bound_unfinished() {
  const auto by_size = [](const auto& a, const auto& b) { return a->unfinished < b->unfinished; };
  // One message may always be as long as messages may be.
  while (unfinished_ > std::max<std::uint64_t>(settings_.max_unfinished_bytes, most_ + most_at_once)) {
    const auto largest = *std::max_element(streams_.begin(), streams_.end(), by_size);
    take_all_and_close(*largest);
    limits_.count("unfinished");
  }
}

// What came of its last message is better than nothing.
void Intake::take_all_and_close(Stream& stream) {
  stream.messages.feed({}, true, [&](std::string_view text, bool whole) { take(stream.peer, text, whole); });
  spool_.flush();
  close(stream);
}

void Intake::limit_first_byte(const std::shared_ptr<Stream>& stream) {
  if (settings_.first_byte.count() == 0) return;
  stream->patience.expires_after(settings_.first_byte);
  stream->patience.async_wait(
      [weak_self = weak_from_this(), weak_stream = std::weak_ptr(stream)](net::error_code error) {
        const auto self = weak_self.lock();
        const auto waiting = weak_stream.lock();
        if (error || !self || !waiting || !waiting->open || waiting->spoke) return;
        self->close(*waiting);
        self->limits_.count("silent");
      });
}

std::unique_ptr<net::TlsSession> Intake::start_tls(int fd) {
  auto session = tls_->accept(fd);
  if (tls_->problem() != tls_problem_) {
    tls_problem_ = tls_->problem();
    if (!tls_problem_.empty())
      observe::log_warning(session ? "the TLS files cannot be used, those of before stay in force"
                                   : "the TLS files cannot be used, senders are turned away",
                           {{"source", source_}, {"reason", tls_problem_}});
  }
  return session;
}

void Intake::limit_handshake(const std::shared_ptr<Stream>& stream) {
  stream->patience.expires_after(longest_handshake);
  stream->patience.async_wait(
      [weak_self = weak_from_this(), weak_stream = std::weak_ptr(stream)](net::error_code error) {
        const auto self = weak_self.lock();
        const auto waiting = weak_stream.lock();
        if (error || !self || !waiting || !waiting->open || waiting->shaken) return;
        self->refuse(*waiting, "the handshake took too long");
      });
}

bool Intake::shake_hands(Stream& stream) {
  const net::Tried tried = stream.tls->try_handshake();
  stream.wants_write = tried.state == net::Tried::State::wants_write;
  if (tried.state == net::Tried::State::wants_read || stream.wants_write) return false;
  stream.shaken = tried.state == net::Tried::State::done;
  if (stream.shaken) {
    limit_first_byte(stream.shared_from_this());
  } else if (stream.tls->was_silent()) {
    close(stream);  // somebody looked whether the port is open
  } else {
    refuse(stream, tried.error);
  }
  return true;
}

long Intake::read_tls(Stream& stream) {
  std::size_t count = 0;
  stream.tls->begin_turn();
  while (count + tls_record <= most_at_once) {
    const net::Tried tried = stream.tls->try_read(buffer_.get() + count, most_at_once - count);
    if (tried.state == net::Tried::State::done) {
      count += tried.bytes;
      continue;
    }
    const bool waits = tried.state == net::Tried::State::wants_read || tried.state == net::Tried::State::wants_write;
    if (waits && count == 0) return -EAGAIN;
    stream.ended = !waits;
    if (stream.tls->is_noisy()) limits_.count("records");
    break;
  }
  return static_cast<long>(count);
}

void Intake::refuse(Stream& stream, const std::string& reason) {
  ++counts_.broken_streams;
  observe::log_warning("a sender's TLS handshake failed, the connection is closed",
                       {{"source", source_}, {"peer", stream.peer}, {"reason", reason}});
  close(stream);
}

void Intake::close(Stream& stream) {
  if (!stream.open) return;
  stream.patience.cancel();
  stream.tls.reset();
  net::error_code ignored;
  stream.fd.close(ignored);
  stream.open = false;
  unfinished_ -= std::exchange(stream.unfinished, 0);
  streams_.remove_if([&](const auto& other) { return other.get() == &stream; });
}

net::awaitable<void> Intake::receive(std::shared_ptr<Intake> self, Port* port) {
  while (!self->closing_) {
    // A Unix sender waits while its datagrams are not read; one that uses UDP would not know.
    if (port->is_unix && !self->has_room()) {
      const bool waited = co_await net::sleep_for(room_pause);
      if (!waited) co_return;
      continue;
    }
    auto [error] = co_await port->fd.async_wait(Descriptor::wait_read, net::as_result);
    if (error || self->closing_) co_return;
    try {
      self->has_room();
      for (int i = 0; i < most_datagrams_at_once; ++i)
        if (!self->read_datagram(*port)) break;
      self->spool_.flush();
    } catch (const std::exception& why) {  // a lack of memory
      observe::log_warning("datagrams cannot be taken", {{"source", self->source_}, {"reason", why.what()}});
    }
  }
}

bool Intake::read_datagram(Port& port) {
  const bool full = spool_.bytes() >= settings_.max_bytes || !spool_.problem().empty();
  if (full && port.is_unix) return false;
  Datagram datagram;
  if (!receive_datagram(port.fd.native_handle(), buffer_.get(), longest_datagram, datagram)) return false;
  if (datagram.dropped > port.dropped)
    counts_.dropped_datagrams += datagram.dropped - std::exchange(port.dropped, datagram.dropped);
  if (full) {
    ++counts_.dropped_datagrams;
    return true;
  }
  if (settings_.kind == IntakeSettings::Kind::syslog) {
    while (datagram.text.ends_with('\n') || datagram.text.ends_with('\0')) datagram.text.remove_suffix(1);
    if (!datagram.text.empty()) take(datagram.peer, datagram.text, true);
    return true;
  }
  StreamMessages lines(StreamFraming::lines, datagram.text.size() + 1);
  lines.feed(datagram.text, true, [&](std::string_view text, bool whole) { take(datagram.peer, text, whole); });
  return true;
}

void Intake::take(std::string_view peer, std::string_view text, bool whole) {
  spool_.add(peer, text, whole);
  counts_.messages += whole;
  if (spool_.pending_bytes() > most_pending) spool_.flush();
}

void Intake::finish() {
  if (std::exchange(closing_, true)) return;
  const auto limit = std::chrono::steady_clock::now() + longest_finish;
  const auto goes_on = [&] { return std::chrono::steady_clock::now() < limit && has_room(); };
  for (auto& port : listening_)
    while (!port.passed_on && goes_on() && accept_one(port, false)) {
    }
  const auto streams = streams_;
  for (const auto& stream : streams) {
    while (stream->open && goes_on() && read(*stream)) {
    }
    if (!stream->open) continue;
    if (goes_on())
      take_all_and_close(*stream);  // a line that nobody will end
    else
      close(*stream);
  }
  for (auto& port : datagrams_)
    while (goes_on() && read_datagram(port)) {
    }
  spool_.flush();
  net::error_code ignored;
  for (auto* const ports : {&listening_, &datagrams_}) {
    for (auto& port : *ports) {
      port.fd.close(ignored);
      port.file.remove();  // who goes on with the port has it
    }
  }
}

void Intake::set_limits(const IntakeSettings& settings, std::uint64_t line_limit) {
  settings_ = settings;
  most_ = static_cast<std::size_t>(line_limit);
  spool_.set_limits(settings.spool_limits(line_limit));
}

bool Intake::count_spool() {
  spool_.count_again();
  if (closing_) spool_.flush();  // nobody else does
  tell_problem();
  return !problem().empty();
}

// A slow sink makes room again and again: once a minute is enough.
void Intake::tell_problem() {
  const std::string now = problem();
  if (now.empty() != is_full_) return;
  is_full_ = !now.empty();
  const auto time = std::chrono::steady_clock::now();
  if (is_full_) {
    ++counts_.spool_full;
    if (counts_.spool_full > 1 && time - told_full_ < between_told) return;
    told_full_ = time;
    tell_end_ = true;
    observe::log_warning("a source takes nothing more for now, its senders wait",
                         {{"source", source_}, {"reason", now}});
  } else if (std::exchange(tell_end_, false)) {
    observe::log_info("a source takes what its senders have again", {{"source", source_}});
  }
}

bool Intake::ended() {
  return settings_.kind == IntakeSettings::Kind::standard_input && streams_.empty() && spool_.flush();
}

std::string Intake::problem() const {
  if (!spool_.problem().empty()) return "the spool of " + source_ + " cannot be written: " + spool_.problem();
  if (spool_.bytes() >= settings_.max_bytes) return "the spool of " + source_ + " is full";
  return "";
}

}  // namespace tandem::shipper
