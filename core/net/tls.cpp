#include "core/net/tls.hpp"

#include <algorithm>

#include "core/net/connect.hpp"
#include "core/net/timeout.hpp"
#include "core/net/tls_context.hpp"
#include "core/net/tls_stream.hpp"

namespace tandem::net {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds longest_trial{1000};

// "": done.
awaitable<std::string> shake_hands(TlsStream* stream) {
  for (;;) {
    Tried tried = stream->try_handshake();
    if (tried.state == Tried::State::done) co_return std::string();
    if (tried.state == Tried::State::failed) co_return std::move(tried.error);
    if (tried.state == Tried::State::ended) co_return std::string("the other side closed the connection");
    const bool ready = co_await wait_for(stream, tried.state);
    if (!ready) co_return std::string("cancelled");
  }
}

// Until the server has said what it thinks of our certificate. "": it is content.
awaitable<std::string> stand_trial(TlsStream* stream) {
  for (;;) {
    Tried tried = stream->look();
    if (tried.state == Tried::State::failed) co_return std::move(tried.error);
    if (tried.state == Tried::State::ended) co_return std::string("the other side closed the connection");
    if (tried.state == Tried::State::done || !stream->is_on_trial()) co_return std::string();
    const bool ready = co_await wait_for(stream, tried.state);
    if (!ready) co_return std::string("cancelled");
  }
}

class TlsConnector final : public Connector {
 public:
  TlsConnector(TlsSettings settings, TlsUse use) : settings_(std::move(settings)), use_(use) {}

  awaitable<Opened> open(Endpoint endpoint, milliseconds limit) override {
    const auto deadline = Clock::now() + limit;
    const std::string where = "TLS to " + to_string(endpoint) + ": ";
    const std::string unusable = refresh();
    if (!unusable.empty()) co_return Opened(where + unusable);
    auto connected = co_await connect_to(endpoint, limit);
    if (!connected.ok()) co_return Opened(std::move(connected.error));
    const std::string host = endpoint.is_unix() ? std::string("localhost") : endpoint.host;
    auto stream = make_tls_stream(std::move(connected.socket), context_, settings_, host, use_);
    auto shaking = shake_hands(stream.get());
    auto shaken = co_await with_timeout(std::move(shaking), std::max(deadline - Clock::now(), Clock::duration(0)));
    if (!shaken) co_return Opened(where + "no end of the handshake within " + std::to_string(limit.count()) + " ms");
    if (!shaken->empty()) co_return Opened(where + *shaken);
    if (use_ == TlsUse::one_way && stream->is_on_trial()) {
      auto trial = stand_trial(stream.get());
      auto verdict = co_await with_timeout(std::move(trial), longest_trial);
      if (verdict && !verdict->empty()) co_return Opened(where + *verdict);
    }
    std::unique_ptr<ByteStream> opened = std::move(stream);
    co_return Opened(std::move(opened));
  }

 private:
  // Why there is no context at all.
  std::string refresh() {
    const std::string version = files_version(settings_);
    if (context_ && version == version_) return "";
    auto loaded = load_tls_context(settings_);
    if (loaded.context) {
      context_ = std::move(loaded.context);
      version_ = version;
    }
    return context_ ? "" : "tls." + loaded.problem.key + ": " + loaded.problem.message;
  }

  TlsSettings settings_;
  TlsUse use_;
  std::shared_ptr<ssl_ctx_st> context_;
  std::string version_;
};

}  // namespace

std::shared_ptr<Connector> make_tls_connector(TlsSettings settings, TlsUse use) {
  return std::make_shared<TlsConnector>(std::move(settings), use);
}

}  // namespace tandem::net
