// Records as syslog messages: RFC 5424, or the older form that RFC 3164 describes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sidecars/log/encode/encoder.hpp"
#include "sidecars/log/encode/record_format.hpp"

namespace tandem::shipper {

struct SyslogFormat {
  enum class Version { rfc5424, rfc3164 };
  // RFC 6587: octet counting (3.4.1) keeps newlines; where a newline ends the message (3.4.2), those inside become
  // "#012", as rsyslog writes them.
  enum class Framing { octet_counting, newline };

  Version version = Version::rfc5424;
  Framing framing = Framing::octet_counting;
  int facility = 1;
  // Names of fields. "" and a record without the field: the default.
  std::string severity = "level";  // default: informational
  std::string host_name;           // the field pod, else node, else `machine`
  std::string app_name;            // the field container, else source
  std::string proc_id, msg_id;     // "-"
  std::string structured_data;     // SD-ID of an element with the fields that are nowhere else; "": none. RFC 5424 only
  bool bom = false;                // before MSG, which then is valid UTF-8
  std::string machine = "-";       // this machine's name
};

// MSG is the field `message`, or, of a record that has none, the whole record as JSON.
std::unique_ptr<RecordFormat> make_syslog_format(SyslogFormat settings);

// 0 (emergency) to 7 (debug), of the words and letters that programs use, of the numbers 0 to 7 and of pino's levels.
// Nullopt: none of them.
std::optional<int> parse_severity(std::string_view word);
// "kern" to "local7", or 0 to 23.
std::optional<int> parse_facility(std::string_view word);
// RFC 5424, section 6.3.2: an SD-ID of our own is NAME@NUMBER.
bool is_structured_data_id(std::string_view text);

}  // namespace tandem::shipper
