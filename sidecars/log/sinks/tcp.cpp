// Records as lines over one TCP, TLS or Unix connection.
#include "sidecars/log/sinks/stream_sink.hpp"
#include "sidecars/log/sinks/tls_keys.hpp"

namespace tandem::shipper {

SinkType tcp_sink() {
  return {"tcp",
          with_keys({{"address", "HOST:PORT", "", "Lines are sent here, over one connection. Or unix:/PATH."}},
                    {&format_keys, &network_keys, &tls_keys()}),
          [](Reader& item, SinkSettings& sink) {
            read_format(item, sink);
            read_network(item, sink);
            sink.make = [address = read_address(item), connection = read_connection(item)](const SinkSettings& settings,
                                                                                           const SinkContext& context) {
              return make_stream_sink(connection.make(net::TlsUse::one_way), address, settings.timeout, context.io);
            };
          }};
}

}  // namespace tandem::shipper
