#include "sidecars/log/sink.hpp"

namespace tandem::shipper {

std::unique_ptr<Sink> make_sink(const SinkSettings& settings, asio::io_context& io,
                                std::function<void(const std::string&)> save_mark) {
  if (settings.type == SinkType::file) return make_file_sink(settings, std::move(save_mark));
  if (settings.type == SinkType::tcp) return make_tcp_sink(settings, io);
  if (settings.type == SinkType::http) return make_http_sink(settings, io);
  return make_stdout_sink(io);
}

}  // namespace tandem::shipper
