// Bodies as they are over one TCP, TLS or Unix connection, for protocols without an answer. What the other side's
// kernel has acknowledged counts as delivered. So what is on its way when the connection breaks comes again, and what
// the receiver had not read from its own kernel when it died is lost: at most its receive buffer.
#pragma once

#include <chrono>
#include <memory>

#include "core/net/byte_stream.hpp"
#include "sidecars/log/sinks/sink.hpp"

namespace tandem::shipper {

// `timeout`: to connect, and without progress. `io` outlives the sink.
std::unique_ptr<Sink> make_stream_sink(std::shared_ptr<net::Connector> connector, net::Endpoint address,
                                       std::chrono::milliseconds timeout, asio::io_context& io);

// The key `address`: HOST:PORT or unix:/PATH. What is wrong with it is the reader's problem.
net::Endpoint read_address(Reader& item);

}  // namespace tandem::shipper
