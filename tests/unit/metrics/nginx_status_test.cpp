#include "adapter/metrics/nginx_status.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/metrics/text.hpp"

using namespace tandem::metrics;

namespace {

const char* const status =
    "Active connections: 291 \nserver accepts handled requests\n 16630948 16630946 31070465 \n"
    "Reading: 6 Writing: 179 Waiting: 106 \n";

}  // namespace

TEST_CASE("stub_status has seven numbers under the exporter's names") {
  auto page = parse_nginx_status(status, web);
  CHECK(page.problem_count == 0);
  auto text = text_of(page);
  for (const char* line :
       {"nginx_connections_active{container=\"web\"} 291\n", "nginx_connections_accepted{container=\"web\"} 16630948\n",
        "nginx_connections_handled{container=\"web\"} 16630946\n",
        "nginx_http_requests_total{container=\"web\"} 31070465\n", "nginx_connections_reading{container=\"web\"} 6\n",
        "nginx_connections_writing{container=\"web\"} 179\n", "nginx_connections_waiting{container=\"web\"} 106\n"}) {
    INFO(line);
    CHECK(text.find(line) != std::string::npos);
  }
}

TEST_CASE("every beginning of the page but the whole is refused") {
  std::string whole = status;
  for (std::size_t length = 0; length + 6 < whole.size(); ++length) {
    auto page = parse_nginx_status(whole.substr(0, length), web);
    INFO(whole.substr(0, length));
    CHECK(page.families.empty());
    CHECK(page.problem_count == 1);
  }
}

TEST_CASE("another page is no stub_status") {
  for (const char* text : {"<html>Active connections: 1</html>", "Active connections: x \n", "a 1\n"})
    CHECK(parse_nginx_status(text, web).problem_count == 1);
}
