// Takes messages in for one source, by sockets or from stdin, and writes them to its spool before more is read.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "core/net/asio.hpp"
#include "core/net/tls_server.hpp"
#include "core/os/socket_file.hpp"
#include "core/run/listener_limits.hpp"
#include "core/run/service.hpp"
#include "sidecars/log/intake_settings.hpp"
#include "sidecars/log/record/stream_messages.hpp"
#include "sidecars/log/spool.hpp"

namespace tandem::shipper {

struct IntakeCounts {
  std::uint64_t messages = 0;
  std::uint64_t dropped_datagrams = 0;  // UDP: the spool was full, or the kernel's buffer
  std::uint64_t broken_streams = 0;     // closed as their framing could not be made out, or TLS failed
  std::uint64_t spool_full = 0;         // how often it could not be written
};

class Intake : public std::enable_shared_from_this<Intake> {
 public:
  // Listens; senders wait until begin(). What `before` listens to already, if anything, is taken over: it goes on until
  // its finish(), and no sender is turned away. Throws Error{environment}.
  Intake(std::string source, const IntakeSettings& settings, SpoolOptions spool, run::Context& context, Intake* before);
  ~Intake();

  void begin();
  // Takes what the kernel has already, without waiting for more, and closes everything.
  void finish();
  void set_limits(const IntakeSettings& settings, std::uint64_t line_limit);

  const IntakeSettings& settings() const { return settings_; }
  bool ended();  // nothing more can come and all is in the spool: stdin at its end
  std::string problem() const;
  std::size_t connections() const { return streams_.size(); }
  const IntakeCounts& counts() const { return counts_; }
  const Spool& spool() const { return spool_; }
  // After files were deleted. True: it is full, or cannot be written.
  bool count_spool();

 private:
  using Descriptor = asio::posix::stream_descriptor;
  struct Stream : std::enable_shared_from_this<Stream> {
    Stream(Descriptor its_fd, StreamFraming framing, std::size_t most, std::string its_peer)
        : fd(std::move(its_fd)), messages(framing, most), peer(std::move(its_peer)), patience(fd.get_executor()) {}
    Descriptor fd;
    StreamMessages messages;
    std::string peer;
    bool open = true;
    std::unique_ptr<net::TlsSession> tls;  // nullptr: none
    bool shaken = true;                    // the handshake is over
    bool wants_write = false;              // to go on with it
    bool ended = false;                    // the sender said that nothing more comes
    asio::steady_timer patience;           // with the handshake, or the first byte
    bool always_readable = false;          // a regular file, /dev/null: the kernel has no notification for them
    bool spoke = false;                    // something came, of the messages' own
    bool finished = false;                 // a message of it came to its end
    std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();  // silent
    std::size_t unfinished = 0;                                                      // bytes of it that were counted
    bool yields_to(const Stream& other) const;  // it is closed before the other one
  };
  struct Port {
    explicit Port(Descriptor its_fd) : fd(std::move(its_fd)) {}
    Descriptor fd;
    bool is_unix = false, with_tls = false, passed_on = false;
    std::uint32_t dropped = 0;  // the kernel's count
    SocketFile file;            // of a Unix socket
    std::string endpoint;       // as configured
  };

  static net::awaitable<void> accept(std::shared_ptr<Intake> self, Port* port);
  static net::awaitable<void> serve(std::shared_ptr<Intake> self, std::shared_ptr<Stream> stream);
  static net::awaitable<void> receive(std::shared_ptr<Intake> self, Port* port);

  using Open = unique_fd (*)(const net::Endpoint&, unsigned mode);
  Port& listen(std::list<Port> Intake::*ports, const std::string& endpoint, Open open, Intake* before);
  void open_standard_input();
  std::shared_ptr<Stream> add_stream(int fd, std::string peer);
  bool accept_one(Port& port, bool serve_it);
  std::shared_ptr<Stream> longest_silent() const;
  bool make_room(const char* reason);  // false: nobody can be closed for a new sender now
  bool spare_descriptor();             // likewise, of any source
  void limit_first_byte(const std::shared_ptr<Stream>& stream);
  void bound_unfinished();
  std::unique_ptr<net::TlsSession> start_tls(int fd);
  void limit_handshake(const std::shared_ptr<Stream>& stream);
  bool shake_hands(Stream& stream);  // false: there is nothing to do now
  long read_tls(Stream& stream);     // as read(2) in attempt()
  void refuse(Stream& stream, const std::string& reason);
  void give_up(Stream& stream, const std::exception& why);
  bool has_room();
  void tell_problem();
  bool read(Stream& stream);  // false: there is nothing now
  void take_all_and_close(Stream& stream);
  bool read_datagram(Port& port);  // false: there is none now
  void take(std::string_view peer, std::string_view text, bool whole);
  void close(Stream& stream);

  std::string source_;
  IntakeSettings settings_;
  Spool spool_;
  std::unique_ptr<net::TlsAcceptor> tls_;
  std::string tls_problem_;  // that was said
  std::size_t most_;
  run::Context* context_;
  std::list<Port> listening_, datagrams_;
  std::list<std::shared_ptr<Stream>> streams_;
  std::uint64_t unfinished_ = 0;  // bytes that all streams hold
  run::ListenerLimits limits_;
  std::unique_ptr<char[]> buffer_;
  std::chrono::steady_clock::time_point counted_{};
  bool closing_ = false;
  bool is_full_ = false, tell_end_ = false;  // of the spool
  std::chrono::steady_clock::time_point told_full_{};
  IntakeCounts counts_;
};

}  // namespace tandem::shipper
