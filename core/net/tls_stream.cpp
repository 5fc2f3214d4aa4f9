#include "core/net/tls_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <system_error>

#include "core/net/tls_text.hpp"
#include "core/net/tls_wire.hpp"

namespace tandem::net {
namespace {

using State = Tried::State;

class OpenSslStream final : public TlsStream {
 public:
  OpenSslStream(Socket connected, std::shared_ptr<ssl_ctx_st> context, const TlsSettings& settings,
                const std::string& host, TlsUse use)
      : socket_(std::move(connected)), context_(std::move(context)), ssl_(SSL_new(context_.get()), SSL_free) {
    if (!ssl_) throw std::bad_alloc();
    wire_.fd = socket_.native_handle();
    put_on_wire(ssl_.get(), wire_);
    SSL_set_connect_state(ssl_.get());
    SSL_set_app_data(ssl_.get(), this);
    SSL_set_verify(ssl_.get(), settings.insecure_skip_verify ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, on_verified);
    verify_ = !settings.insecure_skip_verify;
    SSL_set_cert_cb(ssl_.get(), on_asked, this);
    SSL_set_msg_callback(ssl_.get(), on_message);
    SSL_set_msg_callback_arg(ssl_.get(), this);
    set_name(settings.server_name.empty() ? host : settings.server_name);
    if (use == TlsUse::http) SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>("\x08http/1.1"), 9);
  }

  ~OpenSslStream() override {
    if (broken_ || !shaken_) return;
    ERR_clear_error();
    // What came and was not read (session tickets) would make the kernel reset the connection at its close.
    char scrap[512];
    for (int i = 0; i < 64 && SSL_read(ssl_.get(), scrap, sizeof scrap) > 0; ++i) {
    }
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }

  Tried try_handshake() override {
    ERR_clear_error();
    Tried tried = judge(SSL_do_handshake(ssl_.get()));
    shaken_ = tried.state == State::done;
    return tried;
  }
  Tried try_read(char* to, std::size_t room) override {
    if (broken_) return Tried(why_);
    ERR_clear_error();
    return judge(SSL_read(ssl_.get(), to, static_cast<int>(std::min(room, std::size_t{1} << 30))));
  }
  Tried try_write(std::string_view bytes) override {
    if (broken_) return Tried(why_);
    ERR_clear_error();
    const int size = static_cast<int>(std::min(bytes.size(), std::size_t{1} << 30));
    Tried tried = judge(SSL_write(ssl_.get(), bytes.data(), size));
    if (tried.state != State::failed || wire_.error == 0) return tried;
    // A server that refused us closed on what we sent; what it said before is still there to read.
    broken_ = false;
    const Tried said = look();
    if (said.state == State::failed) return said;
    return broken(std::move(tried.error));
  }
  Tried look() override {
    if (broken_) return Tried(why_);
    ERR_clear_error();
    wire_.reads = 0;  // else it could say "silent" of one that is not
    char byte;
    return judge(SSL_peek(ssl_.get(), &byte, 1));
  }
  std::uint64_t written() const override { return wire_.written; }
  Socket& socket() override { return socket_; }
  bool is_on_trial() const override { return asked_ && !accepted_ && SSL_version(ssl_.get()) >= TLS1_3_VERSION; }

 private:
  void set_name(const std::string& name) {
    wanted_ = name;
    X509_VERIFY_PARAM* const rules = SSL_get0_param(ssl_.get());
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str()) == 1) return;  // an address has no SNI (RFC 6066, section 3)
    ERR_clear_error();
    const std::string plain = name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
    if (X509_VERIFY_PARAM_set1_host(rules, plain.c_str(), plain.size()) != 1) throw std::bad_alloc();
    SSL_set_tlsext_host_name(ssl_.get(), plain.c_str());
  }

  Tried judge(int result) {
    if (result > 0) {
      wire_.records_without_data = 0;
      return Tried(State::done, static_cast<std::size_t>(result));
    }
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        return Tried(State::wants_read);
      case SSL_ERROR_WANT_WRITE:
        return Tried(State::wants_write);
      case SSL_ERROR_ZERO_RETURN:
        return Tried(State::ended);
      case SSL_ERROR_SYSCALL:
        ERR_clear_error();
        if (wire_.noisy) return broken("it sends records without data");
        return broken(wire_.error ? std::generic_category().message(wire_.error) : "the connection was closed");
      default:
        break;
    }
    if (!unverified_.empty()) {
      ERR_clear_error();
      return broken(unverified_);
    }
    X509* const own = SSL_get_certificate(ssl_.get());
    std::string why = wire_.ended && !shaken_ ? "the other side closed the connection in the handshake"
                                              : describe_failure(asked_ && !own);
    ERR_clear_error();
    const std::string expired = asked_ ? describe_own(own) : "";
    return broken(expired.empty() ? why : why + "; " + expired);
  }
  Tried broken(std::string why) {
    broken_ = true;
    why_ = std::move(why);
    return Tried(why_);
  }

  static OpenSslStream* of(SSL* ssl) { return static_cast<OpenSslStream*>(SSL_get_app_data(ssl)); }

  static int on_verified(int ok, X509_STORE_CTX* chain) {
    auto* const ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
    OpenSslStream* const self = of(ssl);
    if (!ok && self->verify_ && self->unverified_.empty()) {
      self->unverified_ =
          describe_verification(X509_STORE_CTX_get_error(chain), X509_STORE_CTX_get_current_cert(chain), self->wanted_);
    }
    return ok;
  }
  // OpenSSL calls it on a client when the server asks for a certificate.
  static int on_asked(SSL*, void* self) {
    static_cast<OpenSslStream*>(self)->asked_ = true;
    return 1;
  }
  // A session ticket comes after the server has accepted our certificate (RFC 8446, section 4.6.1).
  static void on_message(int write, int, int content, const void* bytes, std::size_t size, SSL*, void* self) {
    auto* const stream = static_cast<OpenSslStream*>(self);
    if (stream->shaken_) count_record(stream->wire_, write, content);
    if (!write && content == SSL3_RT_HANDSHAKE && size > 0 &&
        *static_cast<const unsigned char*>(bytes) == SSL3_MT_NEWSESSION_TICKET)
      stream->accepted_ = true;
  }

  Socket socket_;
  TlsWire wire_;
  std::shared_ptr<ssl_ctx_st> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  std::string wanted_, unverified_, why_;
  bool verify_ = true, asked_ = false, accepted_ = false;
  bool shaken_ = false, broken_ = false;
};

}  // namespace

std::unique_ptr<TlsStream> make_tls_stream(Socket connected, std::shared_ptr<ssl_ctx_st> context,
                                           const TlsSettings& settings, const std::string& host, TlsUse use) {
  return std::make_unique<OpenSslStream>(std::move(connected), std::move(context), settings, host, use);
}

}  // namespace tandem::net
