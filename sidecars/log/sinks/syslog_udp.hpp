// Syslog messages as datagrams (RFC 5426): sent is delivered, as nobody answers.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "core/net/endpoint.hpp"
#include "sidecars/log/sinks/sink.hpp"

namespace tandem::shipper {

// Bodies are octet-counted messages; one longer than `most_bytes` is cut at a character and counted. After a failure
// the same batch goes on where it stopped.
std::unique_ptr<Sink> make_syslog_udp_sink(net::Endpoint address, std::size_t most_bytes, const SinkSettings& settings,
                                           const SinkContext& context);

// The first message of an octet-counted body, which loses it; nothing of a body that is none.
std::string_view take_message(std::string_view& body);
// At most `most` bytes of it, and no half character at the end.
std::string_view cut_message(std::string_view message, std::size_t most);

}  // namespace tandem::shipper
