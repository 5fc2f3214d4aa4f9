#include "pods/cli/documents.hpp"

#include <functional>
#include <sstream>

#include "core/text/words.hpp"

namespace tandem::cli {

namespace {

using command_line::Command;
using command_line::Option;
using Visit = std::function<void(const Command&, const std::string& path)>;

void walk(const Command& command, const std::string& path, const Visit& visit) {
  visit(command, path);
  for (const Command& below : command.commands) walk(below, path + " " + below.name, visit);
}

std::string names_of(const Option& option) {
  std::string names = option.names;
  for (std::size_t at = 0; (at = names.find(',', at)) != std::string::npos; at += 2) names.replace(at, 1, ", ");
  const std::string value = is_positional(option) ? "" : value_text(option);
  return value.empty() ? names : names + " " + value;
}

std::string text_of(const Option& option) {
  const std::string value = default_text(option);
  return value.empty() ? option.help : option.help + " (default: " + value + ")";
}

std::string troff(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return !out.empty() && (out[0] == '.' || out[0] == '\'') ? "\\&" + out : out;
}

// Each line "Heading: text" as a section.
std::string sections(const std::string& footer) {
  std::string page;
  std::istringstream lines(footer);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(": ");
    page += ".SH \"" + troff(line.substr(0, colon)) + "\"\n" + troff(line.substr(colon + 2)) + "\n";
  }
  return page;
}

// Every word that may follow: the subcommands and the options, of each option the long name first.
std::vector<std::string> words_after(const Command& command) {
  std::vector<std::string> words;
  for (const Command& below : command.commands) words.push_back(below.name);
  for (const Option& option : all_options(command)) {
    if (is_positional(option)) continue;
    const std::size_t comma = option.names.find(',');
    if (comma != std::string::npos) words.push_back(option.names.substr(comma + 1));
    words.push_back(option.names.substr(0, comma));
  }
  return words;
}

}  // namespace

std::string man_page(const Command& tree) {
  std::string page = ".TH TANDEM 1 \"\" \"tandem " TANDEM_VERSION "\" \"User Commands\"\n.SH NAME\ntandem \\- " +
                     troff(tree.help) + "\n.SH SYNOPSIS\n.B tandem\n.I COMMAND\n[OPTION]...\n.SH COMMANDS\n";
  walk(tree, tree.name, [&](const Command& command, const std::string& path) {
    if (&command != &tree) page += ".SS \"" + troff(path) + "\"\n" + troff(command.help) + "\n";
    for (const Option& option : all_options(command))
      page += ".TP\n.B " + troff(names_of(option)) + "\n" + troff(text_of(option)) + "\n";
  });
  return page + sections(tree.footer);
}

std::string command_reference(const Command& tree) {
  std::string page = "# tandem: commands\n";
  walk(tree, tree.name, [&](const Command& command, const std::string& path) {
    page += "\n## " + path + "\n\n" + command.help + "\n\n";
    for (const Option& option : all_options(command)) page += "- `" + names_of(option) + "`: " + text_of(option) + "\n";
  });
  return page;
}

std::string bash_completion(const Command& tree) {
  std::string script =
      "_tandem() {\n  local cur=${COMP_WORDS[COMP_CWORD]} path=tandem word\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do [[ $word == -* ]] || path+=\" $word\"; done\n  local "
      "words\n  case $path in\n";
  // The longest path first, so that "tandem get pods" is not taken for "tandem".
  std::vector<std::string> cases;
  walk(tree, tree.name, [&](const Command& command, const std::string& path) {
    cases.push_back("    \"" + path + "\"*) words=\"" + joined(words_after(command), " ") + "\" ;;\n");
  });
  for (auto entry = cases.rbegin(); entry != cases.rend(); ++entry) script += *entry;
  return script +
         "  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n  [[ ${#COMPREPLY[@]} -gt 0 ]] || "
         "COMPREPLY=($(compgen -f -- \"$cur\"))\n}\n"
         "complete -o filenames -F _tandem tandem\n";
}

std::string zsh_completion(const Command& tree) {
  return "#compdef tandem\nautoload -U +X bashcompinit && bashcompinit\n" + bash_completion(tree);
}

}  // namespace tandem::cli
