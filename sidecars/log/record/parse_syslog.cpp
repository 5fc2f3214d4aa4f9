#include "sidecars/log/record/parse_syslog.hpp"

#include <cstring>

#include "sidecars/log/json_text.hpp"

namespace tandem::shipper {
namespace {

constexpr std::string_view facilities[] = {"kern",   "user",     "mail",    "daemon",       "auth",     "syslog",
                                           "lpr",    "news",     "uucp",    "cron",         "authpriv", "ftp",
                                           "ntp",    "security", "console", "solaris-cron", "local0",   "local1",
                                           "local2", "local3",   "local4",  "local5",       "local6",   "local7"};
constexpr std::string_view severities[] = {"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};

// "<34>": false: there is none, or it is past 191.
bool take_priority(std::string_view& text, ParsedFields& fields) {
  if (text.size() < 3 || text[0] != '<') return false;
  unsigned value = 0;
  std::size_t at = 1;
  for (; at < text.size() && at < 4 && text[at] >= '0' && text[at] <= '9'; ++at)
    value = value * 10 + static_cast<unsigned>(text[at] - '0');
  if (at == 1 || at == text.size() || text[at] != '>' || value > 191) return false;
  if (text[1] == '0' && at != 2) return false;
  text.remove_prefix(at + 1);
  fields.push_back({"facility", facilities[value / 8], false, {}});
  fields.push_back({"severity", severities[value % 8], false, {}});
  return true;
}

// Up to the next space, which is taken too.
std::string_view take_word(std::string_view& text) {
  const std::size_t space = text.find(' ');
  const std::string_view word = text.substr(0, space);
  text.remove_prefix(space == text.npos ? text.size() : space + 1);
  return word;
}

bool is_printable(std::string_view text) {
  for (const char c : text)
    if (c < 33 || c > 126) return false;
  return true;
}

// A word of RFC 5424's header.
bool take_field(std::string_view& text, std::string_view name, std::size_t longest, ParsedFields& fields) {
  const std::string_view word = take_word(text);
  if (word.empty() || word.size() > longest || !is_printable(word)) return false;
  if (word != "-") fields.push_back({name, word, false, {}});
  return true;
}

// SD-NAME, RFC 5424 section 6.3.2.
bool take_name(std::string_view& text, std::string_view& name) {
  std::size_t end = 0;
  while (end < text.size() && text[end] > 32 && text[end] < 127 && text[end] != '=' && text[end] != ']' &&
         text[end] != '"')
    ++end;
  name = text.substr(0, end);
  text.remove_prefix(end);
  return end != 0;
}

// A parameter's value behind its opening quote, with the closing one, written to `to` as the inside of a JSON string.
bool take_value(std::string_view& text, char*& to) {
  for (;;) {
    const std::size_t stop = text.find_first_of("\"\\]");
    // An unescaped ] is against the RFC, but is written, and says nothing else.
    if (stop == text.npos) return false;
    to = write_json_text(text.substr(0, stop), to);
    const char c = text[stop];
    text.remove_prefix(stop + 1);
    if (c == '"') return true;
    if (c == '\\' && !text.empty() && (text[0] == '"' || text[0] == '\\' || text[0] == ']')) {
      to = write_json_text(text.substr(0, 1), to);
      text.remove_prefix(1);
    } else {
      to = write_json_text(c == '\\' ? "\\" : "]", to);
    }
  }
}

void write_bytes(std::string_view bytes, char*& to) {
  std::memcpy(to, bytes.data(), bytes.size());
  to += bytes.size();
}

// [id name="value" ...]: a field of the name `id`.
bool take_element(std::string_view& text, Event& event, ParsedFields& fields) {
  text.remove_prefix(1);
  std::string_view id;
  if (!take_name(text, id)) return false;
  // Each piece that is written is at least one byte of the text, or one of its escapes.
  const std::size_t length = [&] {
    bool quoted = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (quoted && text[at] == '\\') {
        ++at;
      } else if (text[at] == '"') {
        quoted = !quoted;
      } else if (!quoted && text[at] == ']') {
        return at;
      }
    }
    return text.npos;
  }();
  if (length == text.npos) return false;
  char* const begin = event.claim(json_text_room(length) + 4 * length + 64);
  char* to = begin;
  *to++ = '{';
  while (text[0] == ' ') {
    text.remove_prefix(1);
    std::string_view name;
    if (!take_name(text, name) || !text.starts_with("=\"")) return false;
    text.remove_prefix(2);
    if (to != begin + 1) *to++ = ',';
    *to++ = '"';
    to = write_json_text(name, to);
    write_bytes("\":\"", to);
    if (!take_value(text, to)) return false;
    *to++ = '"';
    if (text.empty()) return false;
  }
  if (text[0] != ']') return false;
  text.remove_prefix(1);
  *to++ = '}';
  fields.push_back({id, {begin, static_cast<std::size_t>(to - begin)}, true, {}});
  return true;
}

// The tag of the older kind: "app[4711]:", "app:", "postfix/smtpd[12]:"; `text` begins with it.
bool take_tag(std::string_view& text, ParsedFields& fields) {
  const std::size_t end = text.find_first_of(" :[");
  if (end == 0 || end == text.npos || text[end] == ' ') return false;
  std::string_view rest = text.substr(end), process;
  if (rest[0] == '[') {
    const std::size_t close = rest.find(']');
    if (close == rest.npos || rest.substr(0, close).find(' ') != rest.npos) return false;
    process = rest.substr(1, close - 1);
    rest.remove_prefix(close + 1);
  }
  if (rest.starts_with(':')) {
    rest.remove_prefix(1);
  } else if (process.empty()) {
    return false;
  }
  // A colon inside a word is no tag's end ("http://...", "12:30").
  if (!rest.empty() && rest[0] != ' ') return false;
  if (!rest.empty()) rest.remove_prefix(1);
  fields.push_back({"appname", text.substr(0, end), false, {}});
  if (!process.empty()) fields.push_back({"procid", process, false, {}});
  text = rest;
  return true;
}

// How many bytes "Nov 22 10:00:00" has, with the fraction that some add; 0: too few.
std::size_t old_time_length(std::string_view text) {
  if (text.size() < 15 || text[3] != ' ' || text[6] != ' ') return 0;
  std::size_t end = 15;
  if (end < text.size() && text[end] == '.') {
    ++end;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  }
  return end;
}

}  // namespace

std::shared_ptr<SyslogParser> SyslogParser::make(const std::string& zone, std::string& problem) {
  auto parser = std::make_shared<SyslogParser>();
  parser->new_time_ = make_time_format("rfc3339", zone, problem);
  parser->old_time_ = make_time_format("rfc3164", zone, problem);
  if (!parser->new_time_ || !parser->old_time_) return nullptr;
  return parser;
}

bool SyslogParser::parse(std::string_view text, Event& event, ParsedFields& fields) const {
  fields.clear();
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  const bool has_priority = take_priority(text, fields);
  const bool parsed = has_priority && text.starts_with("1 ") ? parse_new(text.substr(2), event, fields)
                                                             : parse_old(text, event, fields);
  if (!parsed) fields.clear();
  return parsed;
}

bool SyslogParser::parse_new(std::string_view text, Event& event, ParsedFields& fields) const {
  const std::string_view time = take_word(text);
  std::int64_t time_ns = event.time_ns;
  if (time != "-" && !new_time_->parse(time, event.time_ns, time_ns)) return false;
  if (!take_field(text, "hostname", 255, fields) || !take_field(text, "appname", 48, fields) ||
      !take_field(text, "procid", 128, fields) || !take_field(text, "msgid", 32, fields))
    return false;
  if (text.starts_with('-')) {
    text.remove_prefix(1);
  } else {
    if (!text.starts_with('[')) return false;
    while (text.starts_with('['))
      if (!take_element(text, event, fields)) return false;
  }
  if (!text.empty() && text[0] != ' ') return false;
  if (!text.empty()) text.remove_prefix(1);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  fields.push_back({"message", text, false, {}});
  drop_repeated_names(fields);
  event.time_ns = time_ns;
  return true;
}

bool SyslogParser::parse_old(std::string_view text, Event& event, ParsedFields& fields) const {
  std::int64_t time_ns = event.time_ns;
  const std::size_t length = old_time_length(text);
  if (length != 0 && old_time_->parse(text.substr(0, length), event.time_ns, time_ns)) {
    text.remove_prefix(length);
  } else {
    const std::string_view time = text.substr(0, text.find(' '));
    if (time.size() < 19 || !new_time_->parse(time, event.time_ns, time_ns)) return false;
    text.remove_prefix(time.size());
  }
  if (!text.empty() && text[0] != ' ') return false;
  if (!text.empty()) text.remove_prefix(1);
  if (!take_tag(text, fields)) {
    const std::string_view host = take_word(text);
    if (!host.empty()) fields.push_back({"hostname", host, false, {}});
    take_tag(text, fields);
  }
  fields.push_back({"message", text, false, {}});
  event.time_ns = time_ns;
  return true;
}

}  // namespace tandem::shipper
