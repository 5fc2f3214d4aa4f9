// Syslog messages: RFC 5424, and what RFC 3164 describes of the older kind. Pure.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sidecars/log/record/parse_fields.hpp"
#include "sidecars/log/record/time_format.hpp"

namespace tandem::shipper {

// The fields, in this order, each only when the message says it ("-" is nothing said): `facility` and `severity` (as
// words: kern, user, ..., local7; emerg, alert, crit, err, warning, notice, info, debug), `hostname`, `appname`,
// `procid`, `msgid`, one for each element of structured data (its SD-ID, with an object of its parameters), `message`
// (always; without the byte order mark). The event's time becomes the message's.
//
//   <34>1 2026-11-22T10:00:00.003Z host app 4711 ID47 [id@32473 key="value"] text    RFC 5424
//   <34>Nov 22 10:00:00 host app[4711]: text                                         RFC 3164
//
// Of the older kind are also taken: no <PRI> (as files in /var/log have it), an RFC 3339 time (rsyslog's own format), a
// year after the time, no host (as programs write to /dev/log), no tag.
class SyslogParser {
 public:
  // zone: of times without an offset, as make_time_format's; nullptr: `problem` says what is wrong with it.
  static std::shared_ptr<SyslogParser> make(const std::string& zone, std::string& problem);

  // False: it is neither; the event is as it was, and `fields` are empty.
  bool parse(std::string_view text, Event& event, ParsedFields& fields) const;

 private:
  bool parse_new(std::string_view text, Event& event, ParsedFields& fields) const;
  bool parse_old(std::string_view text, Event& event, ParsedFields& fields) const;

  std::shared_ptr<const TimeFormat> new_time_, old_time_;
};

}  // namespace tandem::shipper
