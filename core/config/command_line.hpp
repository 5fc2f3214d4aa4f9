// A command line as a tree of plain values: what may be written, where it goes, what runs. For programs with
// subcommands; the command line of a helper is core/run/options.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tandem::command_line {

struct Range {
  std::uint64_t least, most;
};

// Where a value goes, and by that its kind: a flag, a text, any number of texts, a number. Must outlive run(). What is
// there before is the default.
using Target = std::variant<bool*, std::string*, std::vector<std::string>*, std::int64_t*, std::uint64_t*>;

struct Option {
  std::string names;  // "-o,--output"; without dashes it stands for words by their place
  std::string help;
  Target target = {};
  std::optional<std::string> value_name = {};  // absent: TEXT, INT, UINT; empty: help shows none
  bool required = false;
  bool show_default = false;        // in help
  bool one_at_a_time = false;       // of several texts: each needs the option's name before it, and "[a,b]" is one
  bool non_negative = false;        // of numbers
  std::optional<Range> range = {};  // of numbers
  std::vector<std::string> choices = {};  // empty: any text
};

struct Command {
  std::string name, help;
  std::string footer = {};  // ends its help and that of the commands below it
  // Of this command; they are also understood behind the name of a command below it.
  std::vector<Option> options = {};
  std::vector<Command> commands = {};  // when there are any, one of them must be given
  // Takes every word behind the command's name as it is, even -h; such a command has no options.
  std::vector<std::string>* rest = nullptr;
  std::function<void()> run = {};  // after all targets are set
};

// Reads the words behind argv[0] and runs the command they name. Returns the exit code: 0, also when help was asked for
// (on `out`); 64 for words that the tree does not allow: `err` says what and why, and nothing has run, but targets may
// have been set. Passes on what the command throws.
int run(const Command& root, int argc, const char* const* argv);  // std::cout, std::cerr
int run(const Command& root, int argc, const char* const* argv, std::ostream& out, std::ostream& err);

// For pages made from the tree.

// Every option that may be written: -h,--help first, where there is one.
std::vector<Option> all_options(const Command& command);
bool is_positional(const Option& option);
// As help shows them. Empty: it shows none; a flag has none.
std::string value_text(const Option& option);  // "TEXT:{json,yaml}", "SECONDS:NONNEGATIVE"
std::string default_text(const Option& option);

}  // namespace tandem::command_line
