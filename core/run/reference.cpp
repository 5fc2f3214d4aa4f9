#include "core/run/reference.hpp"

#include <algorithm>

#include "core/run/options.hpp"

namespace tandem::run {

namespace {

ConfigTable all_keys(const Program& program) {
  ConfigTable all = program.config;
  all.insert(all.end(), common_keys().begin(), common_keys().end());
  return all;
}

std::string labels_of(const observe::MetricInfo& metric) {
  std::string text;
  for (const auto& label : metric.labels) text += (text.empty() ? "" : ", ") + label;
  return text;
}

std::string option_usage(const OptionInfo& option) {
  return option.argument.empty() ? option.name : option.name + " " + option.argument;
}

std::string option_help(const OptionInfo& option) {
  std::string text = option.help;
  for (const auto& choice : option.choices) text += (&choice == option.choices.data() ? " One of: " : ", ") + choice;
  return option.choices.empty() ? text : text + ".";
}

std::string command_usage(const Command& command) { return command.name + " CONFIG " + command.arguments; }

std::string row(const std::string& left, std::size_t width, const std::string& right) {
  return "  " + left + std::string(left.size() < width ? width - left.size() : 0, ' ') + "  " + right + "\n";
}

std::string key_help(const ConfigKey& key) {
  std::string text = "(" + key.type + ") " + key.help;
  if (!key.fallback.empty()) text += " Default: " + key.fallback + ".";
  return text;
}

// A cell of a Markdown table.
std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, "\\");
  return text;
}

// man(7): a dash is \-, a leading dot or quote would be a request.
std::string roff(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

std::string roff_entry(const std::string& term, const std::string& text) {
  return ".TP\n.B " + roff(term) + "\n" + roff(text) + "\n";
}

std::string code_block(const std::string& text) { return text.ends_with('\n') ? text : text + "\n"; }

}  // namespace

std::string help_text(const Program& program) {
  std::string out =
      program.name + ": " + program.summary + "\n\nUsage: " + program.name + " [--config FILE] [OPTION]\n";
  for (const auto& command : program.commands)
    out += "       " + program.name + " " + command_usage(command) + "\n           " + command.help + "\n";
  out += "\nOptions:\n";
  for (const auto& option : option_table()) out += row(option_usage(option), 18, option_help(option));
  out += "\nConfig keys (a variable NAME beside a key sets it from the environment):\n";
  std::size_t width = 0;
  for (const auto& key : all_keys(program)) width = std::max(width, key.path.size());
  for (const auto& key : all_keys(program)) {
    out += row(key.path, width, key_help(key));
    auto variable = environment_name(program.name, key.path);
    if (!variable.empty()) out += row("", width, variable);
  }
  out += "\nMetrics:\n";
  for (const auto& metric : program.metrics)
    out += row(metric.name, 0, std::string("(") + observe::type_name(metric.type) + ") " + metric.help);
  out += "\nExit codes: 0 done, 1 drain deadline passed, 64 usage, 65 config, 69 environment, 70 a bug.\n";
  return out;
}

std::string reference_page(const Program& program) {
  std::string out =
      "# " + program.name + "\n\n" + program.summary + "\n\n## Options\n\n| option | meaning |\n|---|---|\n";
  for (const auto& option : option_table())
    out += "| `" + option_usage(option) + "` | " + cell(option_help(option)) + " |\n";
  if (!program.commands.empty()) out += "\n## Commands\n\n| command | meaning |\n|---|---|\n";
  for (const auto& command : program.commands)
    out += "| `" + cell(command_usage(command)) + "` | " + cell(command.help) + " |\n";
  out += "\n## Config\n\n| key | type | default | environment | meaning |\n|---|---|---|---|---|\n";
  for (const auto& key : all_keys(program)) {
    auto variable = environment_name(program.name, key.path);
    out += "| `" + key.path + "` | " + cell(key.type) + " | " +
           (key.fallback.empty() ? "" : "`" + cell(key.fallback) + "`") + " | " +
           (variable.empty() ? "" : "`" + variable + "`") + " | " + cell(key.help) + " |\n";
  }
  if (!program.example.empty()) out += "\n```yaml\n" + code_block(program.example) + "```\n";
  out += "\n## Metrics\n\n| metric | type | labels | meaning |\n|---|---|---|---|\n";
  for (const auto& metric : program.metrics)
    out += "| `" + metric.name + "` | " + observe::type_name(metric.type) + " | " + labels_of(metric) + " | " +
           cell(metric.help) + " |\n";
  return out;
}

std::string man_page(const Program& program) {
  std::string out = ".TH " + program.name + " 1 \"\" \"tandem " + program.version + "\"\n.SH NAME\n" +
                    roff(program.name) + " \\- " + roff(program.summary) + "\n.SH SYNOPSIS\n.B " + roff(program.name) +
                    "\n[\\-\\-config FILE] [OPTION]\n.SH OPTIONS\n";
  for (const auto& option : option_table()) out += roff_entry(option_usage(option), option_help(option));
  if (!program.commands.empty()) out += ".SH COMMANDS\n";
  for (const auto& command : program.commands) out += roff_entry(command_usage(command), command.help);
  out += ".SH CONFIG\n";
  for (const auto& key : all_keys(program)) out += roff_entry(key.path, key_help(key));
  if (!program.example.empty()) {
    out += ".SH EXAMPLE\n.nf\n";
    for (std::size_t from = 0; from < program.example.size();) {
      auto end = std::min(program.example.find('\n', from), program.example.size());
      out += roff(program.example.substr(from, end - from)) + "\n";
      from = end + 1;
    }
    out += ".fi\n";
  }
  out += ".SH METRICS\n";
  for (const auto& metric : program.metrics) out += roff_entry(metric.name, metric.help);
  out +=
      ".SH SIGNALS\nSIGTERM and SIGINT drain and end with 0; SIGHUP reads the config again, and a bad one is "
      "refused.\n";
  return out;
}

}  // namespace tandem::run
