#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>
#include <random>

#include "core/observe/utf8.hpp"
#include "sidecars/log/encode/syslog_format.hpp"
#include "sidecars/log/sinks/syslog_udp.hpp"
#include "tests/unit/log-syslog/message_parser.hpp"

using namespace tandem;
using namespace tandem::shipper;
using namespace tandem::test;

namespace {

constexpr std::int64_t moment = 1'795'341'600'123'456'789;  // 2026-11-22T10:00:00.123456789Z

std::string written(const SyslogFormat& settings, const Event& event) {
  const auto format = make_syslog_format(settings);
  Buffer body;
  format->start(body);
  format->append(event, body);
  format->finish(body);
  return std::string(body.view());
}

// The one message of an octet-counted body.
std::string message_of(const SyslogFormat& settings, const Event& event) {
  const std::string body = written(settings, event);
  std::string_view rest = body;
  const std::string message(take_message(rest));
  CHECK(rest.empty());
  CHECK(body == std::to_string(message.size()) + " " + message);
  return message;
}

void fill(Event& event) {
  event.clear();
  event.time_ns = moment;
  event.set("source", "app");
  event.set("pod", "web-1");
  event.set("node", "node-7");
  event.set("message", "hello \"world\"");
}

using Params = std::vector<std::pair<std::string, std::string>>;

}  // namespace

TEST_CASE("a record is an RFC 5424 message, with its length before it") {
  Event event;
  fill(event);
  CHECK(written({}, event) == "63 <14>1 2026-11-22T10:00:00.123456Z web-1 app - - - hello \"world\"");
}

TEST_CASE("severity, names and the element of other fields come from the record") {
  Event event;
  fill(event);
  event.set("level", "WARN");
  event.set("container", "nginx");
  event.set("request", "a]b\"c\\d");
  event.set("status", "500", true);
  event.set("tags", R"({"a":["x"]})", true);
  event.set("bad bytes=", std::string_view("\xff\xc3", 2));
  event.set("id", "r-1");
  event.set("process", "42");
  SyslogFormat settings;
  settings.facility = 16;
  settings.structured_data = "tandem@32473";
  settings.proc_id = "process";
  settings.msg_id = "id";
  const auto message = parse_syslog(message_of(settings, event));
  REQUIRE(message.problem == "");
  CHECK(message.priority == 16 * 8 + 4);
  CHECK(message.timestamp == "2026-11-22T10:00:00.123456Z");
  CHECK(message.host_name == "web-1");
  CHECK(message.app_name == "nginx");
  CHECK(message.proc_id == "42");
  CHECK(message.msg_id == "r-1");
  REQUIRE(message.elements.size() == 1);
  CHECK(message.elements[0].id == "tandem@32473");
  CHECK(message.elements[0].params == Params{{"source", "app"},
                                             {"node", "node-7"},
                                             {"level", "WARN"},
                                             {"request", "a]b\"c\\d"},
                                             {"status", "500"},
                                             {"tags", R"({"a":["x"]})"},
                                             {"bad_bytes_", "\xEF\xBF\xBD\xEF\xBF\xBD"}});
  CHECK(message.text == "hello \"world\"");
}

TEST_CASE("names in the header are configured fields, then the usual ones, then the machine") {
  Event event;
  fill(event);
  SyslogFormat settings;
  settings.machine = "host-9";
  settings.host_name = "server";
  settings.app_name = "program";
  auto message = parse_syslog(message_of(settings, event));
  CHECK(message.host_name == "web-1");
  CHECK(message.app_name == "app");
  event.set("server", "db 1");
  const std::string long_name(60, 'p');
  event.set("program", long_name);
  message = parse_syslog(message_of(settings, event));
  REQUIRE(message.problem == "");
  CHECK(message.host_name == "db_1");
  CHECK(message.app_name == std::string(48, 'p'));
  event.remove("server");
  event.remove("pod");
  CHECK(parse_syslog(message_of(settings, event)).host_name == "node-7");
  event.remove("node");
  CHECK(parse_syslog(message_of(settings, event)).host_name == "host-9");
  settings.machine = "-";
  CHECK(parse_syslog(message_of(settings, event)).host_name == "-");
}

TEST_CASE("octet counting keeps newlines, and a newline's framing writes #012 for them") {
  Event event;
  fill(event);
  event.set("message", "one\ntwo\n");
  CHECK(parse_syslog(message_of({}, event)).text == "one\ntwo\n");
  SyslogFormat settings;
  settings.framing = SyslogFormat::Framing::newline;
  settings.structured_data = "x@1";
  event.set("where", "a\nb");
  const auto line = written(settings, event);
  CHECK(line.find('\n') == line.size() - 1);
  const auto message = parse_syslog(std::string_view(line).substr(0, line.size() - 1));
  CHECK(message.problem == "");
  CHECK(message.text == "one#012two#012");
  CHECK(message.elements.at(0).params.back().second == "a#012b");
}

TEST_CASE("a record without a message is sent as JSON, one with an empty message without MSG") {
  Event event;
  fill(event);
  event.remove("message");
  CHECK(parse_syslog(message_of({}, event)).text ==
        R"({"time":"2026-11-22T10:00:00.123456Z","source":"app","pod":"web-1","node":"node-7"})");
  event.set("message", "");
  CHECK_FALSE(parse_syslog(message_of({}, event)).has_text);
}

TEST_CASE("a byte order mark comes with valid UTF-8 only") {
  Event event;
  fill(event);
  event.set("message", "gr\xC3\xBC\xDF");
  CHECK(parse_syslog(message_of({}, event)).text == "gr\xC3\xBC\xDF");
  SyslogFormat settings;
  settings.bom = true;
  CHECK(parse_syslog(message_of(settings, event)).text == "\xEF\xBB\xBFgr\xC3\xBC\xEF\xBF\xBD");
}

TEST_CASE("old receivers get the form of RFC 3164") {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  Event event;
  fill(event);
  event.set("container", "my:app[x]");
  event.set("process", "42");
  SyslogFormat settings;
  settings.version = SyslogFormat::Version::rfc3164;
  CHECK(message_of(settings, event) == "<14>Nov 22 10:00:00 web-1 my_app_x_: hello \"world\"");
  settings.proc_id = "process";
  event.time_ns = 1'793'531'045'000'000'000;
  CHECK(message_of(settings, event) == "<14>Nov  1 11:04:05 web-1 my_app_x_[42]: hello \"world\"");
}

TEST_CASE("times of every second, before 1970 too, have six digits") {
  Event event;
  fill(event);
  const auto format = make_syslog_format({});
  const auto at = [&](std::int64_t time_ns) {
    event.time_ns = time_ns;
    Buffer body;
    format->append(event, body);
    std::string_view rest = body.view();
    return parse_syslog(take_message(rest)).timestamp;
  };
  CHECK(at(moment) == "2026-11-22T10:00:00.123456Z");
  CHECK(at(moment + 1'000) == "2026-11-22T10:00:00.123457Z");
  CHECK(at(moment + 1'000'000'000) == "2026-11-22T10:00:01.123456Z");
  CHECK(at(0) == "1970-01-01T00:00:00.000000Z");
  CHECK(at(-1) == "1969-12-31T23:59:59.999999Z");
}

TEST_CASE("records of any bytes are messages of the grammar, and their fields come back") {
  std::mt19937 random(5424);
  const auto bytes = [&](std::size_t most) {
    std::string text(random() % (most + 1), '\0');
    for (auto& c : text)
      c = random() % 3 ? static_cast<char>("]\"\\ =[a\n-"[random() % 9]) : static_cast<char>(random());
    return text;
  };
  SyslogFormat settings;
  settings.structured_data = "x@1";
  settings.app_name = "a";
  settings.proc_id = "p";
  settings.msg_id = "m";
  for (int round = 0; round < 3000; ++round) {
    Event event;
    event.time_ns = static_cast<std::int64_t>(random()) * 1'000'000'007;
    const std::string host = bytes(300), app = bytes(60), process = bytes(140), id = bytes(40), text = bytes(80);
    event.set("pod", host);
    event.set("a", app);
    event.set("p", process);
    event.set("m", id);
    event.set("message", text);
    std::vector<std::string> names, values;
    for (int i = 0; i < 5; ++i) names.push_back(std::to_string(i) + bytes(40)), values.push_back(bytes(40));
    for (std::size_t i = 0; i < names.size(); ++i) event.set(names[i], values[i]);
    const auto message = parse_syslog(message_of(settings, event));
    INFO("round " << round);
    REQUIRE(message.problem == "");
    REQUIRE(message.text == text);
    REQUIRE(message.elements.size() == 1);
    const auto& params = message.elements[0].params;
    // An empty APP-NAME field is no APP-NAME and is in the element as any other.
    const std::size_t extra = (host.empty() ? 1u : 0u) + (app.empty() ? 1u : 0u);
    REQUIRE(params.size() == 5 + extra);
    for (std::size_t i = 0; i < 5; ++i)
      if (observe::is_utf8(values[i])) REQUIRE(params[extra + i].second == values[i]);
  }
}
