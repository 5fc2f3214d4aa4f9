// Where batches go.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/net/asio.hpp"
#include "sidecars/log/batch.hpp"
#include "sidecars/log/outcome.hpp"
#include "sidecars/log/settings.hpp"

namespace tandem::shipper {

class Sink {
 public:
  virtual ~Sink() = default;
  // Takes one batch, or says why not. Never throws for the other side's fault. `batch` outlives the call. At most
  // in_flight() calls at once.
  virtual net::awaitable<Outcome> write(const Batch& batch) = 0;
  // Called once before the first write with the note that was committed with the last batch ("" for none).
  virtual void recover(const std::string& mark) { static_cast<void>(mark); }
  virtual int in_flight() const { return 1; }
};

// `save_mark` puts a note on disk at once; for a sink whose note changes apart from a batch.
std::unique_ptr<Sink> make_sink(const SinkSettings& settings, asio::io_context& io,
                                std::function<void(const std::string&)> save_mark);

std::unique_ptr<Sink> make_stdout_sink(asio::io_context& io);
std::unique_ptr<Sink> make_file_sink(const SinkSettings& settings, std::function<void(const std::string&)> save_mark);
std::unique_ptr<Sink> make_tcp_sink(const SinkSettings& settings, asio::io_context& io);
std::unique_ptr<Sink> make_http_sink(const SinkSettings& settings, asio::io_context& io);

}  // namespace tandem::shipper
