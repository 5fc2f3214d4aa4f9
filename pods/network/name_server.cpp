#include "pods/network/name_server.hpp"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "core/os/check.hpp"
#include "pods/network/dns_forward.hpp"
#include "pods/network/dns_message.hpp"
#include "pods/network/dns_stream.hpp"
#include "pods/network/dns_zone.hpp"

namespace tandem::network {

namespace {

constexpr std::size_t most_streams = 16;
constexpr int most_datagrams_at_once = 64;
constexpr std::chrono::seconds idle_limit{10};   // of a TCP connection
constexpr std::chrono::seconds accept_pause{1};  // when there are no descriptors left

// What an epoll event is about: 1 the UDP socket, 2 the TCP listener, then asks and streams by number.
constexpr std::uint64_t udp_tag = 1, listener_tag = 2, first_ask_tag = 1000, first_stream_tag = std::uint64_t{1} << 62;

std::uint64_t random_bits() {
  std::uint64_t bits = 0;
  check([&] { return ::getrandom(&bits, sizeof bits, 0); }, "get", "random bytes");
  return bits;
}

// The last descriptors are the supervisor's own, for probes, starts and its state: however many names a pod asks for,
// they are left. The kernel gives the lowest number that is free, so one of these says that the others are used up.
bool is_supervisors(int fd) {
  constexpr rlim_t most = 128;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  return static_cast<rlim_t>(fd) >= limit.rlim_cur - std::min(most, limit.rlim_cur / 2);
}

// A question that was passed on, on its socket.
struct Ask {
  unique_fd fd;
  std::optional<dns::Framing> framing;  // over TCP
};

// What the socket takes now; false: it is broken, or its peer does not read.
bool send_unsent(int fd, dns::Framing& framing) {
  while (!framing.unsent().empty()) {
    const auto unsent = framing.unsent();
    const auto count = attempt([&] { return ::send(fd, unsent.data(), unsent.size(), MSG_NOSIGNAL); });
    if (count == -EAGAIN && !framing.too_slow()) return true;
    if (count < 0) return false;
    framing.sent(static_cast<std::size_t>(count));
  }
  return true;
}

void append(dns::Actions& to, dns::Actions more) {
  std::move(more.sends.begin(), more.sends.end(), std::back_inserter(to.sends));
  std::move(more.replies.begin(), more.replies.end(), std::back_inserter(to.replies));
  to.ended.insert(to.ended.end(), more.ended.begin(), more.ended.end());
}

Upstream only_addresses(Upstream upstream) {
  std::erase_if(upstream.addresses, [](const std::string& address) { return !is_upstream_address(address); });
  return upstream;
}

struct Stream {
  unique_fd fd;
  dns::Framing framing;
  Clock::time_point deadline;
  std::uint32_t watched = EPOLLIN;
  bool has_asked_all = false;  // the client has shut its side, and may well read on
  int unanswered = 0;
};

}  // namespace

class NameServer::Driver {
 public:
  Driver(ListenSockets listen, Upstream upstream, Names names)
      : listen_(std::move(listen)),
        upstream_(only_addresses(std::move(upstream))),
        names_(std::move(names)),
        forward_(upstream_.addresses.size(), random_bits),
        epoll_(check([] { return ::epoll_create1(EPOLL_CLOEXEC); }, "create", "epoll descriptor")) {
    watch(listen_.udp.get(), EPOLLIN, udp_tag);
    watch(listen_.tcp.get(), EPOLLIN, listener_tag);
  }

  int fd() const { return epoll_.get(); }
  void set_names(Names names) { names_ = std::move(names); }
  void on_readable(Clock::time_point now);
  std::optional<Clock::time_point> next_deadline() const;
  void on_time(Clock::time_point now);

 private:
  void watch(int fd, std::uint32_t events, std::uint64_t tag, int operation = EPOLL_CTL_ADD);
  void on_event(const epoll_event& event, Clock::time_point now);
  void receive_queries(Clock::time_point now);
  void on_ask(dns::AskNumber number, Clock::time_point now);
  bool begin(const dns::Send& send);
  void accept_streams(Clock::time_point now);
  void on_stream(std::uint64_t number, std::uint32_t events, Clock::time_point now);
  bool read_stream(std::uint64_t number, Clock::time_point now);
  void flush(std::uint64_t number);

  void answer(const dns::Client& client, dns::Bytes message, Clock::time_point now);
  void carry_out(dns::Actions actions, Clock::time_point now);
  void reply(const dns::Client& client, const dns::Bytes& message);

  ListenSockets listen_;
  Upstream upstream_;
  Names names_;
  dns::ForwardTable forward_;
  std::map<dns::AskNumber, Ask> asks_;
  std::map<std::uint64_t, Stream> streams_;
  std::uint64_t next_stream_ = first_stream_tag;
  std::size_t rotation_ = 0;
  std::optional<Clock::time_point> accept_again_;
  unique_fd epoll_;
  std::array<char, dns::max_message_bytes> buffer_;
};

void NameServer::Driver::watch(int fd, std::uint32_t events, std::uint64_t tag, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  check([&] { return ::epoll_ctl(epoll_.get(), operation, fd, &event); }, "watch", "name service socket");
}

void NameServer::Driver::on_readable(Clock::time_point now) {
  std::array<epoll_event, 32> events;
  const int count = attempt([&] { return ::epoll_wait(epoll_.get(), events.data(), events.size(), 0); });
  for (int i = 0; i < count; ++i) on_event(events[static_cast<std::size_t>(i)], now);
}

void NameServer::Driver::on_event(const epoll_event& event, Clock::time_point now) {
  const std::uint64_t tag = event.data.u64;
  if (tag == udp_tag) {
    receive_queries(now);
  } else if (tag == listener_tag) {
    accept_streams(now);
  } else if (tag < first_stream_tag) {
    on_ask(tag - first_ask_tag, now);
  } else {
    on_stream(tag, event.events, now);
  }
}

void NameServer::Driver::receive_queries(Clock::time_point now) {
  for (int i = 0; i < most_datagrams_at_once; ++i) {
    dns::Client client;
    socklen_t size = sizeof client.address;
    const auto count = attempt([&] {
      return ::recvfrom(listen_.udp.get(), buffer_.data(), buffer_.size(), 0,
                        reinterpret_cast<sockaddr*>(&client.address), &size);
    });
    if (count < 0) return;
    answer(client, dns::Bytes(buffer_.data(), static_cast<std::size_t>(count)), now);
  }
}

// Whatever a socket of ours hears: the kernel lets nobody in but the server it is connected to.
void NameServer::Driver::on_ask(dns::AskNumber number, Clock::time_point now) {
  for (int i = 0; i < most_datagrams_at_once; ++i) {
    const auto found = asks_.find(number);
    if (found == asks_.end()) return;
    Ask& ask = found->second;
    if (ask.framing && !send_unsent(ask.fd.get(), *ask.framing))
      return carry_out(forward_.on_failure(number, now), now);
    const auto count = attempt([&] { return ::recv(ask.fd.get(), buffer_.data(), buffer_.size(), 0); });
    if (count == -EAGAIN || count == -ENOTCONN) return;
    if (count < 0 || (count == 0 && ask.framing)) return carry_out(forward_.on_failure(number, now), now);
    dns::Bytes message(buffer_.data(), static_cast<std::size_t>(count));
    if (ask.framing) {
      ask.framing->received(message);
      auto whole = ask.framing->next_message();
      if (!whole) continue;
      message = std::move(*whole);
    }
    carry_out(forward_.on_answer(number, message, now), now);
  }
}

bool NameServer::Driver::begin(const dns::Send& send) {
  Ask ask{upstream_.open(upstream_.addresses[send.upstream], send.stream ? SOCK_STREAM : SOCK_DGRAM), {}};
  if (!ask.fd || is_supervisors(ask.fd.get())) return false;
  watch(ask.fd.get(), EPOLLIN | (send.stream ? EPOLLOUT | EPOLLET : 0), first_ask_tag + send.ask);
  if (send.stream) {
    ask.framing.emplace(dns::max_message_bytes);
    ask.framing->queue(send.message);
  } else {
    // A failure here counts as a lost datagram: the deadline takes care of it.
    ::send(ask.fd.get(), send.message.data(), send.message.size(), MSG_NOSIGNAL);
  }
  asks_[send.ask] = std::move(ask);
  return true;
}

void NameServer::Driver::accept_streams(Clock::time_point now) {
  for (std::size_t i = 0; i < most_streams; ++i) {
    const int fd =
        attempt([&] { return ::accept4(listen_.tcp.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK); });
    if (fd == -EMFILE || fd == -ENFILE || fd == -ENOBUFS || fd == -ENOMEM) {
      watch(listen_.tcp.get(), 0, listener_tag, EPOLL_CTL_MOD);
      accept_again_ = now + accept_pause;
    }
    if (fd < 0) return;
    unique_fd accepted(fd);
    if (streams_.size() >= most_streams || is_supervisors(fd)) continue;  // hung up on: the client asks again
    watch(fd, EPOLLIN, next_stream_);
    streams_[next_stream_++] = {std::move(accepted), dns::Framing(), now + idle_limit};
  }
}

void NameServer::Driver::on_stream(std::uint64_t number, std::uint32_t events, Clock::time_point now) {
  if (!streams_.contains(number)) return;  // closed by an earlier event of this round
  if (events & (EPOLLHUP | EPOLLERR) || (events & EPOLLIN && !read_stream(number, now))) {
    streams_.erase(number);
    return;
  }
  flush(number);
}

// False: the client is gone, or must be hung up on.
bool NameServer::Driver::read_stream(std::uint64_t number, Clock::time_point now) {
  Stream& stream = streams_.at(number);
  const auto count = attempt([&] { return ::recv(stream.fd.get(), buffer_.data(), buffer_.size(), 0); });
  if (count == -EAGAIN) return true;
  if (count < 0) return false;
  stream.has_asked_all = count == 0;
  stream.deadline = now + idle_limit;
  stream.framing.received({buffer_.data(), static_cast<std::size_t>(count)});
  while (auto message = stream.framing.next_message()) {
    ++stream.unanswered;
    answer({number, {}}, std::move(*message), now);
    if (!streams_.contains(number)) return true;
  }
  return !stream.framing.too_long();
}

void NameServer::Driver::flush(std::uint64_t number) {
  const auto found = streams_.find(number);
  if (found == streams_.end()) return;
  Stream& stream = found->second;
  if (!send_unsent(stream.fd.get(), stream.framing)) {
    streams_.erase(found);
    return;
  }
  const bool all_sent = stream.framing.unsent().empty();
  if (stream.has_asked_all && stream.unanswered == 0 && all_sent) {
    streams_.erase(found);
    return;
  }
  const std::uint32_t wanted = (stream.has_asked_all ? 0u : EPOLLIN) | (all_sent ? 0u : EPOLLOUT);
  if (wanted == stream.watched) return;
  stream.watched = wanted;
  watch(stream.fd.get(), wanted, number, EPOLL_CTL_MOD);
}

void NameServer::Driver::answer(const dns::Client& client, dns::Bytes message, Clock::time_point now) {
  const dns::ParsedQuery parsed = dns::parse_query(message);
  if (!parsed.query) {
    if (parsed.refusal) reply(client, dns::build_refusal(*dns::parse_header(message), *parsed.refusal));
    return;
  }
  const std::size_t limit = client.stream ? dns::max_message_bytes : dns::udp_limit(*parsed.query);
  if (auto ours = dns::answer_from(names_, *parsed.query, rotation_, limit)) {
    ++rotation_;
    reply(client, *ours);
    return;
  }
  if (client.stream && !parsed.query->edns_udp_bytes) dns::offer_udp_bytes(message, dns::most_udp_bytes);
  carry_out(forward_.add(client, *parsed.query, std::move(message), now), now);
}

void NameServer::Driver::carry_out(dns::Actions actions, Clock::time_point now) {
  // A server that cannot be asked brings further actions: at most as many as there are tries.
  for (;;) {
    dns::Actions more;
    for (const dns::AskNumber number : actions.ended) asks_.erase(number);
    for (const dns::Send& send : actions.sends)
      if (!begin(send)) append(more, forward_.on_failure(send.ask, now));
    for (const dns::Reply& each : actions.replies) reply(each.client, each.message);
    if (more.sends.empty() && more.replies.empty() && more.ended.empty()) return;
    actions = std::move(more);
  }
}

void NameServer::Driver::reply(const dns::Client& client, const dns::Bytes& message) {
  if (client.stream == 0) {
    ::sendto(listen_.udp.get(), message.data(), message.size(), 0, reinterpret_cast<const sockaddr*>(&client.address),
             sizeof client.address);
    return;
  }
  const auto stream = streams_.find(client.stream);
  if (stream == streams_.end()) return;  // it did not wait
  stream->second.framing.queue(message);
  --stream->second.unanswered;
  flush(client.stream);
}

std::optional<Clock::time_point> NameServer::Driver::next_deadline() const {
  std::optional<Clock::time_point> earliest = forward_.next_deadline();
  const auto consider = [&](Clock::time_point time) { earliest = earliest ? std::min(*earliest, time) : time; };
  for (const auto& [number, stream] : streams_) consider(stream.deadline);
  if (accept_again_) consider(*accept_again_);
  return earliest;
}

void NameServer::Driver::on_time(Clock::time_point now) {
  carry_out(forward_.on_time(now), now);
  std::erase_if(streams_, [&](const auto& entry) { return entry.second.deadline <= now; });
  if (accept_again_ && *accept_again_ <= now) {
    accept_again_.reset();
    watch(listen_.tcp.get(), EPOLLIN, listener_tag, EPOLL_CTL_MOD);
  }
}

NameServer::NameServer(ListenSockets listen, Upstream upstream, Names names)
    : driver_(std::make_unique<Driver>(std::move(listen), std::move(upstream), std::move(names))) {}
NameServer::NameServer(NameServer&&) noexcept = default;
NameServer& NameServer::operator=(NameServer&&) noexcept = default;
NameServer::~NameServer() = default;

void NameServer::set_names(Names names) { driver_->set_names(std::move(names)); }
int NameServer::fd() const { return driver_->fd(); }
void NameServer::on_readable(Clock::time_point now) { driver_->on_readable(now); }
std::optional<Clock::time_point> NameServer::next_deadline() const { return driver_->next_deadline(); }
void NameServer::on_time(Clock::time_point now) { driver_->on_time(now); }

}  // namespace tandem::network
