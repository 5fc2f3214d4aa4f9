#include "tests/unit/log-syslog/message_parser.hpp"

#include <regex>

#include "core/observe/utf8.hpp"

namespace tandem::test {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view bytes) : rest_(bytes) {}

  SyslogMessage run() {
    try {
      header();
      structured_data();
      if (!rest_.empty()) {
        take(' ', "SP before MSG");
        message_.has_text = true;
        message_.text = std::string(rest_);
      }
    } catch (const char* what) {
      message_.problem = std::string(what) + " at \"" + std::string(rest_.substr(0, 40)) + "\"";
    }
    return message_;
  }

 private:
  void require(bool good, const char* what) {
    if (!good) throw what;
  }
  void take(char wanted, const char* what) {
    require(!rest_.empty() && rest_.front() == wanted, what);
    rest_.remove_prefix(1);
  }
  static bool is_printable(char c) { return c >= 33 && c <= 126; }

  std::string name(std::size_t most, const char* what, std::string_view forbidden = "") {
    std::size_t size = 0;
    while (size < rest_.size() && is_printable(rest_[size]) && forbidden.find(rest_[size]) == std::string_view::npos)
      ++size;
    require(size >= 1 && size <= most, what);
    std::string found(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return found;
  }

  void header() {
    static const std::regex priority("<(0|[1-9][0-9]{0,2})>1 ");
    std::cmatch match;
    require(std::regex_search(rest_.data(), rest_.data() + rest_.size(), match, priority,
                              std::regex_constants::match_continuous),
            "PRI and VERSION");
    message_.priority = std::stoi(match[1]);
    require(message_.priority <= 191, "PRIVAL");
    rest_.remove_prefix(static_cast<std::size_t>(match.length()));
    message_.timestamp = name(40, "TIMESTAMP");
    static const std::regex time(
        "-|[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
        "(\\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])");
    require(std::regex_match(message_.timestamp, time), "TIMESTAMP");
    take(' ', "SP");
    message_.host_name = name(255, "HOSTNAME");
    take(' ', "SP");
    message_.app_name = name(48, "APP-NAME");
    take(' ', "SP");
    message_.proc_id = name(128, "PROCID");
    take(' ', "SP");
    message_.msg_id = name(32, "MSGID");
    take(' ', "SP");
  }

  void structured_data() {
    if (!rest_.empty() && rest_.front() == '-') {
      rest_.remove_prefix(1);
      return;
    }
    do {
      take('[', "SD-ELEMENT");
      SyslogMessage::Element element;
      element.id = name(32, "SD-ID", "= ]\"");
      while (!rest_.empty() && rest_.front() == ' ') {
        rest_.remove_prefix(1);
        const std::string key = name(32, "PARAM-NAME", "= ]\"");
        take('=', "=");
        take('"', "quote");
        element.params.emplace_back(key, value());
      }
      take(']', "end of SD-ELEMENT");
      message_.elements.push_back(std::move(element));
    } while (!rest_.empty() && rest_.front() == '[');
  }

  // RFC 5424, section 6.3.3: ", \ and ] are escaped; it is UTF-8.
  std::string value() {
    std::string raw;
    for (;;) {
      require(!rest_.empty(), "end of PARAM-VALUE");
      char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') break;
      require(c != ']', "unescaped ]");
      if (c == '\\') {
        require(!rest_.empty() && std::string_view("\"\\]").find(rest_.front()) != std::string_view::npos, "escape");
        c = rest_.front();
        rest_.remove_prefix(1);
      }
      raw += c;
    }
    require(observe::is_utf8(raw), "PARAM-VALUE's UTF-8");
    return raw;
  }

  std::string_view rest_;
  SyslogMessage message_;
};

}  // namespace

SyslogMessage parse_syslog(std::string_view bytes) { return Parser(bytes).run(); }

}  // namespace tandem::test
