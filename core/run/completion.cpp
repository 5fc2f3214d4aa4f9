#include "core/run/options.hpp"
#include "core/run/reference.hpp"
#include "core/text/words.hpp"

namespace tandem::run {

namespace {

std::string function_name(const std::string& program) {
  std::string name = "_";
  for (char c : program) name += c == '-' ? '_' : c;
  return name;
}

// Inside single quotes of zsh's _arguments: brackets and colons mean something.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '\'') {
      out += "'\\''";
      continue;
    }
    if (c == '[' || c == ']' || c == ':') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::string bash_completion(const Program& program) {
  std::vector<std::string> names;
  std::string cases;
  for (const auto& command : program.commands) {
    names.push_back(command.name);
    cases += "    " + command.name + ") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n";
  }
  for (const auto& option : option_table()) {
    names.push_back(option.name);
    if (option.argument == "FILE")
      cases += "    " + option.name + ") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n";
    if (!option.choices.empty())
      cases += "    " + option.name + ") COMPREPLY=($(compgen -W '" + joined(option.choices, " ") +
               "' -- \"$word\")); return ;;\n";
  }
  auto function = function_name(program.name);
  return function + "() {\n  local word=${COMP_WORDS[COMP_CWORD]}\n  case ${COMP_WORDS[COMP_CWORD-1]} in\n" + cases +
         "  esac\n  COMPREPLY=($(compgen -W '" + joined(names, " ") + "' -- \"$word\"))\n}\ncomplete -F " + function +
         " " + program.name + "\n";
}

std::string zsh_completion(const Program& program) {
  std::string out = "#compdef " + program.name + "\n_arguments";
  for (const auto& option : option_table()) {
    out += " \\\n  '" + option.name + "[" + zsh_text(option.help) + "]";
    if (option.argument == "FILE") out += ":file:_files";
    if (!option.choices.empty()) out += ":what:(" + joined(option.choices, " ") + ")";
    out += "'";
  }
  if (!program.commands.empty()) {
    std::string names;
    for (const auto& command : program.commands) names += (names.empty() ? "" : " ") + command.name;
    out += " \\\n  '1:command:(" + names + ")' \\\n  '*:file:_files'";
  }
  return out + "\n";
}

}  // namespace tandem::run
