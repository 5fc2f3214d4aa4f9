// Where an HTTP/1 message ends must be beyond doubt: what one reads as a body, another reads as the next message
// (request smuggling). Beast takes a Transfer-Encoding that is not chunked at its end for no body.
#pragma once

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/message.hpp>

namespace tandem::net {

// RFC 9112, section 6.1. nullptr: nothing is wrong with it; else what.
template <bool isRequest, class Fields>
const char* framing_problem(const boost::beast::http::header<isRequest, Fields>& header) {
  using boost::beast::http::field;
  const auto codings = header.count(field::transfer_encoding);
  if (codings == 0) return nullptr;
  if (codings > 1 || !boost::beast::iequals(header[field::transfer_encoding], "chunked"))
    return "its Transfer-Encoding is not exactly chunked";
  if (header.version() < 11) return "it has a Transfer-Encoding, which HTTP/1.0 does not know";
  if (header.count(field::content_length) > 0) return "it has a Transfer-Encoding and a Content-Length";
  return nullptr;
}

}  // namespace tandem::net
