// The escapes of JSON strings, and of what web servers write between quotes. Pure.
#pragma once

#include <string_view>

namespace tandem::shipper {

// Whether the inside of a JSON string has only the escapes that RFC 8259 section 7 knows. Half a surrogate pair, which
// the grammar allows and no decoder can show, is made \ufffd on the spot: what is passed on verbatim is valid
// everywhere.
bool repair_json_escapes(char* begin, char* end);

// The inside of a string that repair_json_escapes() found right, without its escapes. `to` has room for inside.size()
// bytes and may be where the inside is; returns the end.
char* undo_json_escapes(std::string_view inside, char* to);

// \" \\ \' \/ \b \f \n \r \t \v and \xHH as nginx (escape=default) and Apache write them; a backslash before anything
// else stays. `to` as above.
char* undo_server_escapes(std::string_view inside, char* to);

}  // namespace tandem::shipper
