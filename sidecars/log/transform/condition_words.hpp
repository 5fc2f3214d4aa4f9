// The words of a condition's text.
#pragma once

#include <string>
#include <string_view>

namespace tandem::shipper {

struct ConditionWord {
  enum class Kind { name, text, number, sign, end, wrong };
  Kind kind = Kind::end;
  std::size_t at = 0;        // where it begins, in bytes
  std::string_view spelled;  // as it stands there
  std::string value;         // of a text: without quotes and escapes; of a wrong one: what is wrong and the remedy
};

// The word at or after `at`. A name begins with a letter, '_' or '@' and goes on with digits, '.' and '-' too; bytes
// past ASCII are letters. A sign is one of ( ) == != =~ !~ < <= > >=.
ConditionWord next_condition_word(std::string_view text, std::size_t at);

}  // namespace tandem::shipper
