// RFC 5424's grammar (section 6), to the letter: anything else is refused.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tandem::test {

struct SyslogMessage {
  std::string problem;  // where it leaves the grammar; empty: it is a message
  int priority = -1;
  std::string timestamp, host_name, app_name, proc_id, msg_id;
  struct Element {
    std::string id;
    std::vector<std::pair<std::string, std::string>> params;  // unescaped
  };
  std::vector<Element> elements;
  bool has_text = false;  // [SP MSG]
  std::string text;
};

SyslogMessage parse_syslog(std::string_view bytes);

}  // namespace tandem::test
