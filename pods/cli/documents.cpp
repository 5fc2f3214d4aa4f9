#include "pods/cli/documents.hpp"

#include <CLI/CLI.hpp>
#include <functional>

namespace tandem::cli {

namespace {

using Visit = std::function<void(const CLI::App&, const std::string& path)>;

void walk(const CLI::App& app, const std::string& path, const Visit& visit) {
  visit(app, path);
  for (const CLI::App* child : app.get_subcommands({})) walk(*child, path + " " + child->get_name(), visit);
}

std::string names_of(const CLI::Option& option) {
  std::string names = option.get_name(false, true);
  if (option.get_positional()) names = option.get_name(true, false);
  for (std::size_t at = 0; (at = names.find(',', at)) != std::string::npos; at += 2) names.replace(at, 1, ", ");
  if (!option.get_positional() && option.get_expected_max() > 0 && option.get_items_expected_max() > 0 &&
      !option.get_type_name().empty())
    names += " " + option.get_type_name();
  return names;
}

std::string text_of(const CLI::Option& option) {
  std::string text = option.get_description();
  if (!option.get_default_str().empty()) text += " (default: " + option.get_default_str() + ")";
  return text;
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

// Every word that may follow: the options and the subcommands.
std::vector<std::string> words_after(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::App* child : app.get_subcommands({})) words.push_back(child->get_name());
  for (const CLI::Option* option : app.get_options({})) {
    for (const auto& name : option->get_lnames()) words.push_back("--" + name);
    for (const auto& name : option->get_snames()) words.push_back("-" + name);
  }
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace

std::string man_page(const CLI::App& app) {
  std::string page = ".TH TANDEM 1 \"\" \"tandem " TANDEM_VERSION "\" \"User Commands\"\n.SH NAME\ntandem \\- " +
                     troff(app.get_description()) +
                     "\n.SH SYNOPSIS\n.B tandem\n.I COMMAND\n[OPTION]...\n.SH COMMANDS\n";
  walk(app, app.get_name(), [&](const CLI::App& command, const std::string& path) {
    if (&command != &app) page += ".SS \"" + troff(path) + "\"\n" + troff(command.get_description()) + "\n";
    for (const CLI::Option* option : command.get_options({}))
      page += ".TP\n.B " + troff(names_of(*option)) + "\n" + troff(text_of(*option)) + "\n";
  });
  page += ".SH ENVIRONMENT\n" + troff(app.get_footer()) +
          "\n.SH EXIT STATUS\n0 done, 1 the pod failed, 64 usage, 65 manifest or config, 69 the environment lacks "
          "something, "
          "70 a bug; exec: the command's own, 125 when it could not be run.\n";
  return page;
}

std::string command_reference(const CLI::App& app) {
  std::string page = "# tandem: commands\n";
  walk(app, app.get_name(), [&](const CLI::App& command, const std::string& path) {
    page += "\n## " + path + "\n\n" + command.get_description() + "\n\n";
    for (const CLI::Option* option : command.get_options({}))
      page += "- `" + names_of(*option) + "`: " + text_of(*option) + "\n";
  });
  return page;
}

std::string bash_completion(const CLI::App& app) {
  std::string script =
      "_tandem() {\n  local cur=${COMP_WORDS[COMP_CWORD]} path=tandem word\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do [[ $word == -* ]] || path+=\" $word\"; done\n  local "
      "words\n  case $path in\n";
  // The longest path first, so that "tandem get pods" is not taken for "tandem".
  std::vector<std::string> cases;
  walk(app, app.get_name(), [&](const CLI::App& command, const std::string& path) {
    cases.push_back("    \"" + path + "\"*) words=\"" + joined(words_after(command)) + "\" ;;\n");
  });
  for (auto entry = cases.rbegin(); entry != cases.rend(); ++entry) script += *entry;
  return script +
         "  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n  [[ ${#COMPREPLY[@]} -gt 0 ]] || "
         "COMPREPLY=($(compgen -f -- \"$cur\"))\n}\n"
         "complete -o filenames -F _tandem tandem\n";
}

std::string zsh_completion(const CLI::App& app) {
  return "#compdef tandem\nautoload -U +X bashcompinit && bashcompinit\n" + bash_completion(app);
}

}  // namespace tandem::cli
