#include <catch2/catch.hpp>
#include <string>

#include "sidecars/log/record/parse_syslog.hpp"

using namespace tandem::shipper;

namespace {

constexpr std::int64_t now = 1795341600'000000000;  // 2026-11-22T10:00:00Z

// "name=text ..." of what was found, literals in backticks; "refused".
std::string parsed(std::string_view text, std::int64_t* time_ns = nullptr, const std::string& zone = "UTC") {
  std::string problem;
  const auto parser = SyslogParser::make(zone, problem);
  REQUIRE(parser);
  Event event;
  event.time_ns = now;
  ParsedFields fields;
  if (!parser->parse(text, event, fields)) {
    CHECK(fields.empty());
    CHECK(event.time_ns == now);
    CHECK(event.fields.empty());
    return "refused";
  }
  if (time_ns) *time_ns = event.time_ns;
  std::string result;
  for (const auto& field : fields) {
    const std::string quote = field.literal ? "`" : "";
    result += (result.empty() ? "" : " ") + std::string(field.name) + "=" + quote + std::string(field.text) + quote;
  }
  return result;
}

std::int64_t time_of(std::string_view text, const std::string& zone = "UTC") {
  std::int64_t time_ns = 0;
  REQUIRE(parsed(text, &time_ns, zone) != "refused");
  return time_ns;
}

}  // namespace

TEST_CASE("The examples of RFC 5424 are read as it says") {
  CHECK(parsed("<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \xef\xbb\xbf'su root' failed") ==
        "facility=auth severity=crit hostname=mymachine.example.com appname=su msgid=ID47 message='su root' failed");
  CHECK(parsed("<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time") ==
        "facility=local4 severity=notice hostname=192.0.2.1 appname=myproc procid=8710 message=%% It's time");
  CHECK(parsed("<165>1 2003-10-11T22:14:15.003Z h evntslog - ID47 [exampleSDID@32473 iut=\"3\" "
               "eventSource=\"Application\"][examplePriority@32473 class=\"high\"]") ==
        "facility=local4 severity=notice hostname=h appname=evntslog msgid=ID47 "
        "exampleSDID@32473=`{\"iut\":\"3\",\"eventSource\":\"Application\"}` "
        "examplePriority@32473=`{\"class\":\"high\"}` message=");
  CHECK(time_of("<165>1 2003-08-24T05:14:15.000003-07:00 - - - - -") == 1061727255'000003000);
}

TEST_CASE("Nothing said leaves a field out, and the time as it was") {
  CHECK(parsed("<0>1 - - - - - -") == "facility=kern severity=emerg message=");
  CHECK(time_of("<0>1 - - - - - - x") == now);
}

TEST_CASE("Structured data keeps escapes, quotes and brackets in its values") {
  CHECK(parsed(R"(<14>1 - h a - - [x a="q\"b\\c\]d" b="e\nf" c="u]v"][empty] m)") ==
        R"(facility=user severity=info hostname=h appname=a x=`{"a":"q\"b\\c]d","b":"e\\nf","c":"u]v"}` )"
        R"(empty=`{}` message=m)");
}

TEST_CASE("Messages of RFC 3164 tell host, tag and process") {
  CHECK(parsed("<34>Oct 11 22:14:15 mymachine su: 'su root' failed") ==
        "facility=auth severity=crit hostname=mymachine appname=su message='su root' failed");
  CHECK(parsed("<30>Nov  2 10:00:00 web-1 postfix/smtpd[4711]: connect: from x") ==
        "facility=daemon severity=info hostname=web-1 appname=postfix/smtpd procid=4711 message=connect: from x");
  CHECK(time_of("<30>Nov  2 10:00:00 h a: b") == 1793613600'000000000);
  CHECK(time_of("<30>Nov  2 10:00:00 h a: b", "+02:00") == 1793606400'000000000);
}

TEST_CASE("The older kind is taken as it is found: in files, from /dev/log, with rsyslog's times, without a tag") {
  CHECK(parsed("Nov 22 10:00:00 host sshd[12]: hello\r\n") == "hostname=host appname=sshd procid=12 message=hello");
  CHECK(parsed("<13>Nov 22 10:00:00 app[7]: hello") ==
        "facility=user severity=notice appname=app procid=7 message=hello");
  CHECK(parsed("<13>2026-11-22T10:00:01.5+00:00 host app: x") ==
        "facility=user severity=notice hostname=host appname=app message=x");
  CHECK(time_of("<13>2026-11-22T10:00:01.5+00:00 host app: x") == now + 1'500'000'000);
  CHECK(parsed("<13>Nov 22 10:00:00 host no tag, at 12:30 http://x") ==
        "facility=user severity=notice hostname=host message=no tag, at 12:30 http://x");
  CHECK(parsed("<13>Nov 22 10:00:00 host") == "facility=user severity=notice hostname=host message=");
}

TEST_CASE("What is neither is refused") {
  for (const char* text :
       {"", "hello", "<34>", "<34> x", "<192>1 - - - - - -", "<034>1 - - - - - -", "<3a>1 - - - - - -",
        "<34>1 yesterday h a p m - x", "<34>1 - h a p m", "<34>1 - h a p m -x", "<34>1 - h a p m [x",
        "<34>1 - h a p m [x a]", "<34>1 - h a p m [x a=\"1]", "<34>1 - h a p m [x a=\"1\"b=\"2\"]",
        "<34>1 - h a p m [] x", "<34>1 - h  p m - x", "<34>Foo 22 10:00:00 h a: x", "<34>Nov 32 10:00:00 h a: x"})
    CHECK(parsed(text) == "refused");
}

TEST_CASE("A zone that is none is a problem") {
  std::string problem;
  CHECK_FALSE(SyslogParser::make("Mars/Base", problem));
  CHECK(problem.starts_with("zone"));
}
