#include "ambassador/redis/command_replies.hpp"

#include <algorithm>
#include <vector>

#include "ambassador/redis/command_table.hpp"
#include "ambassador/redis/reply_text.hpp"
#include "ambassador/redis/router.hpp"

namespace tandem::redis {
namespace {

bool is_offered(const CommandRow& row) { return row.route < RouteKind::refuse_transaction; }

std::vector<const CommandRow*> offered() {
  std::vector<const CommandRow*> rows;
  for (const CommandRow& row : command_rows())
    if (is_offered(row)) rows.push_back(&row);
  return rows;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

void append_info(const CommandRow& row, std::string& out) {
  append_array_header(out, 10);
  append_bulk(out, row.name);
  append_integer(out, row.arity);
  const auto flags = words_of(row.flags);
  append_array_header(out, flags.size());
  for (const auto flag : flags) append_simple(out, flag);
  append_integer(out, row.first_key);
  append_integer(out, row.last_key);
  append_integer(out, row.step);
  for (int i = 0; i < 4; ++i) append_array_header(out, 0);  // ACL categories, tips, key specifications, subcommands
}

void append_docs(const CommandRow& row, std::string& out) {
  append_bulk(out, row.name);
  append_array_header(out, 6);
  append_bulk(out, "summary");
  append_bulk(out, route_summary(row.route));
  append_bulk(out, "since");
  append_bulk(out, row.since);
  append_bulk(out, "group");
  append_bulk(out, row.group);
}

// The rows named from argument 2 on, nullptr for those that are not offered; all when none is named.
std::vector<const CommandRow*> named(const Command& command) {
  if (command.args.size() == 2) return offered();
  std::vector<const CommandRow*> rows;
  for (std::size_t i = 2; i < command.args.size(); ++i) {
    const CommandRow* row = find_command(command.args[i]);
    rows.push_back(row && is_offered(*row) ? row : nullptr);
  }
  return rows;
}

void answer_infos(const std::vector<const CommandRow*>& rows, std::string& out) {
  append_array_header(out, rows.size());
  for (const CommandRow* row : rows) {
    if (row)
      append_info(*row, out);
    else
      out += "*-1\r\n";
  }
}

void answer_docs(std::vector<const CommandRow*> rows, std::string& out) {
  std::erase(rows, nullptr);
  append_array_header(out, rows.size() * 2);
  for (const CommandRow* row : rows) append_docs(*row, out);
}

void answer_list(std::string& out) {
  const auto rows = offered();
  append_array_header(out, rows.size());
  for (const CommandRow* row : rows) append_bulk(out, row->name);
}

void answer_getkeys(const Command& command, std::string& out) {
  Command inner;
  inner.args.assign(command.args.begin() + 2, command.args.end());
  const CommandRow* row = inner.args.empty() ? nullptr : find_command(inner.args[0]);
  KeyRange keys;
  if (!row) return append_error(out, "ERR Invalid command specified");
  if (!row->arity_fits(inner.args.size()))
    return append_error(out, "ERR Invalid number of arguments specified for command");
  if (!find_keys(inner, *row, keys) || keys.first == 0)
    return append_error(out, "ERR The command has no key arguments");
  append_array_header(out, (keys.last - keys.first) / keys.step + 1);
  for (std::size_t i = keys.first; i <= keys.last; i += keys.step) append_bulk(out, inner.args[i]);
}

}  // namespace

void answer_command(const Command& command, std::string& out) {
  if (command.args.size() == 1) return answer_infos(offered(), out);
  const std::string_view word = command.args[1];
  if (same_word(word, "count")) return append_integer(out, static_cast<long long>(offered().size()));
  if (same_word(word, "info")) return answer_infos(named(command), out);
  if (same_word(word, "docs")) return answer_docs(named(command), out);
  if (same_word(word, "list")) return answer_list(out);
  if (same_word(word, "getkeys")) return answer_getkeys(command, out);
  append_error(out, "ERR unknown subcommand '" + std::string(word.substr(0, 128)) + "'. Try COMMAND HELP.");
}

}  // namespace tandem::redis
