// The part of Asio that drivers use, in one place. Only drivers' headers and .cpp files include this; it costs seconds.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace tandem {

namespace asio = boost::asio;

namespace net {

template <class T>
using awaitable = asio::awaitable<T>;
using error_code = boost::system::error_code;
using Socket = asio::generic::stream_protocol::socket;  // TCP or Unix

// auto [ec, n] = co_await socket.async_read_some(buffer, net::as_result);
inline constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

}  // namespace net
}  // namespace tandem
