#include "adapter/metrics/nginx_status.hpp"

#include <algorithm>
#include <array>

namespace tandem::metrics {

namespace {

// The next run of digits; empty when something else stands there. The numbers are copied, not computed with.
std::string_view take_number(std::string_view& rest) {
  auto begin = std::min(rest.find_first_not_of(" \t\r\n"), rest.size());
  auto end = std::min(rest.find_first_not_of("0123456789", begin), rest.size());
  auto digits = rest.substr(begin, end - begin);
  rest.remove_prefix(end);
  return digits.size() > 20 ? std::string_view{} : digits;
}

bool take_word(std::string_view& rest, std::string_view word) {
  auto begin = std::min(rest.find_first_not_of(" \t\r\n"), rest.size());
  rest.remove_prefix(begin);
  if (!rest.starts_with(word)) return false;
  rest.remove_prefix(word.size());
  return true;
}

}  // namespace

Page parse_nginx_status(std::string_view text, const Labels& labels) {
  auto rest = text;
  std::array<std::string_view, 7> numbers;
  bool good = take_word(rest, "Active connections:");
  numbers[0] = take_number(rest);
  good = good && take_word(rest, "server accepts handled requests");
  for (std::size_t i = 1; i < 4; ++i) {
    // Debian's nginx has no request_time column; a build with it writes a fourth number, which is skipped below.
    numbers[i] = take_number(rest);
  }
  auto line_end = std::min(rest.find("Reading:"), rest.size());
  rest.remove_prefix(line_end);
  good = good && take_word(rest, "Reading:");
  numbers[4] = take_number(rest);
  good = good && take_word(rest, "Writing:");
  numbers[5] = take_number(rest);
  good = good && take_word(rest, "Waiting:");
  numbers[6] = take_number(rest);

  PageBuilder builder(labels);
  if (!good || std::any_of(numbers.begin(), numbers.end(), [](auto number) { return number.empty(); })) {
    builder.page().problem("this is no stub_status page");
    return builder.finish();
  }
  builder.add("nginx_connections_active", Kind::gauge, "Active client connections", {}, numbers[0]);
  builder.add("nginx_connections_accepted", Kind::counter, "Accepted client connections", {}, numbers[1]);
  builder.add("nginx_connections_handled", Kind::counter, "Handled client connections", {}, numbers[2]);
  builder.add("nginx_http_requests_total", Kind::counter, "Total http requests", {}, numbers[3]);
  builder.add("nginx_connections_reading", Kind::gauge, "Connections where NGINX is reading the request header", {},
              numbers[4]);
  builder.add("nginx_connections_writing", Kind::gauge,
              "Connections where NGINX is writing the response back to the client", {}, numbers[5]);
  builder.add("nginx_connections_waiting", Kind::gauge, "Idle client connections", {}, numbers[6]);
  return builder.finish();
}

}  // namespace tandem::metrics
