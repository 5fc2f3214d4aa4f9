#include "core/net/tls_server.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <new>
#include <system_error>

#include "core/net/tls_context.hpp"
#include "core/net/tls_text.hpp"
#include "core/net/tls_wire.hpp"

namespace tandem::net {
namespace {

using State = Tried::State;

TlsSettings files_of(const TlsServerSettings& settings) {
  TlsSettings files;
  files.ca_file = settings.client_ca_file;
  files.cert_file = settings.cert_file;
  files.key_file = settings.key_file;
  return files;
}

class OpenSslSession final : public TlsSession {
 public:
  OpenSslSession(int connected, std::shared_ptr<ssl_ctx_st> context)
      : context_(std::move(context)), ssl_(SSL_new(context_.get()), SSL_free) {
    if (!ssl_) throw std::bad_alloc();
    wire_.fd = connected;
    put_on_wire(ssl_.get(), wire_);
    SSL_set_accept_state(ssl_.get());
    SSL_set_msg_callback(ssl_.get(), on_message);
    SSL_set_msg_callback_arg(ssl_.get(), this);
  }

  ~OpenSslSession() override {
    if (broken_ || !shaken_) return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }

  Tried try_handshake() override {
    if (broken_) return Tried(why_);
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
  void begin_turn() override { wire_.reads = 0; }
  bool was_silent() const override { return wire_.received == 0; }
  bool is_noisy() const override { return wire_.noisy; }

 private:
  static void on_message(int write, int, int content, const void*, std::size_t, SSL*, void* self) {
    auto* const session = static_cast<OpenSslSession*>(self);
    if (session->shaken_) count_record(session->wire_, write, content);
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
      default:
        break;
    }
    broken_ = true;
    const long verified = SSL_get_verify_result(ssl_.get());
    if (verified != X509_V_OK)
      why_ = std::string("its certificate: ") + X509_verify_cert_error_string(verified);
    else if (wire_.noisy)
      why_ = "it sends records without data";
    else if (wire_.error != 0)
      why_ = std::generic_category().message(wire_.error);
    else
      why_ =
          wire_.ended && !shaken_ ? "the other side closed the connection in the handshake" : describe_failure(false);
    ERR_clear_error();
    return Tried(why_);
  }

  TlsWire wire_;
  std::shared_ptr<ssl_ctx_st> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  bool shaken_ = false, broken_ = false;
  std::string why_;
};

}  // namespace

TlsProblem check_tls_server(const TlsServerSettings& settings) {
  return load_server_context(files_of(settings)).problem;
}

TlsAcceptor::TlsAcceptor(TlsServerSettings settings) : files_(files_of(settings)) { read_files(); }

void TlsAcceptor::read_files() {
  const std::string version = files_version(files_);  // before: what is written meanwhile is read the next time
  if (version == version_) return;
  version_ = version;
  TlsContext loaded = load_server_context(files_);
  problem_ = loaded.problem.message;
  if (loaded.context) context_ = std::move(loaded.context);
}

std::unique_ptr<TlsSession> TlsAcceptor::accept(int connected) {
  read_files();
  if (!context_) return nullptr;
  return std::make_unique<OpenSslSession>(connected, context_);
}

}  // namespace tandem::net
