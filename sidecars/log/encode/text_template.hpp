// Texts with fields in them: "logs-${pod}-%Y.%m.%d".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecars/log/buffer.hpp"
#include "sidecars/log/record/event.hpp"

namespace tandem::shipper {

// ${FIELD} is the field's text, and $$ a $. With dates also %Y %y %m %d %H %M %j of the record's time in UTC, and %% a
// %.
class TextTemplate {
 public:
  TextTemplate() = default;
  // Nullopt: `problem` says what is wrong ("has a ${ without a }").
  static std::optional<TextTemplate> parse(std::string_view text, bool dates, std::string& problem);

  // False: a field in it is missing or empty; nothing stands for it then.
  bool append(const Event& event, Buffer& out) const;
  bool is_constant() const;
  std::vector<std::string> fields() const;  // the names in it, in their order
  bool empty() const { return parts_.empty(); }

 private:
  struct Part {
    enum Kind { text, field, date } kind;
    std::string value;  // the text, the field's name, the date's letter
  };
  void add_text(std::string_view text);

  std::vector<Part> parts_;
};

}  // namespace tandem::shipper
