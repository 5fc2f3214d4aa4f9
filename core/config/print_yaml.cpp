#include "core/config/print_yaml.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/config/scalar.hpp"

namespace tandem {

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool can_be_plain(const std::string& text) {
  if (resolve_plain_scalar(text) != Node::Kind::string) return false;
  if (text == "=" || text == "<<") return false;
  if (std::string_view("-?:,[]{}#&*!|>'\"%@` ").find(text.front()) != std::string_view::npos &&
      !(text.front() == '-' && text.size() > 1 && text[1] != ' '))
    return false;
  if (text.back() == ' ' || text.back() == ':' || text.starts_with("---")) return false;
  if (text.find(": ") != std::string::npos || text.find(" #") != std::string::npos) return false;
  // A date or a time of sixty-based digits is a string to us, but not to every parser.
  const bool starts_as_number = text.front() >= '0' && text.front() <= '9';
  if (starts_as_number && text.find_first_not_of("0123456789:-+._TZtz ") == std::string::npos) return false;
  return std::none_of(text.begin(), text.end(), is_control);
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (is_control(c))
          out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else
          out += c;
    }
  }
  return out + "\"";
}

// A block scalar keeps lines as they are; not for texts that begin with a blank (its indentation would be guessed
// wrong).
bool can_be_block(const std::string& text) {
  return text.find('\n') != std::string::npos && text.front() != ' ' && text.front() != '\n' && text.front() != '\t' &&
         std::none_of(text.begin(), text.end(), [](char c) { return is_control(c) && c != '\n' && c != '\t'; });
}

std::string block(const std::string& text, const std::string& indent) {
  std::string out = "|";
  if (text.back() != '\n')
    out += '-';
  else if (text.size() > 1 && text[text.size() - 2] == '\n')
    out += '+';
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    out += '\n';
    if (end > from) out += indent + text.substr(from, end - from);
    from = end + 1;
  }
  return out;
}

std::string scalar(const Node& node, const std::string& indent) {
  if (node.is_null()) return "null";
  if (node.kind != Node::Kind::string) return node.text;
  if (node.text.empty()) return "\"\"";
  if (can_be_block(node.text)) return block(node.text, indent);
  return can_be_plain(node.text) ? node.text : quoted(node.text);
}

std::string key_text(const std::string& key) { return !key.empty() && can_be_plain(key) ? key : quoted(key); }

void print(const Node& node, const std::string& indent, bool after_dash, std::string& out);

void print_value(const Node& value, const std::string& indent, std::string& out) {
  if (value.is_mapping() && !value.members.empty()) {
    out += "\n";
    print(value, indent + "  ", false, out);
  } else if (value.is_sequence() && !value.items.empty()) {
    out += "\n";
    print(value, indent, false, out);  // as kubectl: a list stands at its key's column
  } else {
    out += " ";
    print(value, indent + "  ", false, out);
  }
}

// `after_dash`: the first line's indentation is already written.
void print(const Node& node, const std::string& indent, bool after_dash, std::string& out) {
  if (node.is_mapping() && !node.members.empty()) {
    for (const auto& member : node.members) {
      if (!after_dash) out += indent;
      after_dash = false;
      out += key_text(member.key) + ":";
      print_value(member.value, indent, out);
    }
  } else if (node.is_sequence() && !node.items.empty()) {
    for (const auto& item : node.items) {
      if (!after_dash) out += indent;
      after_dash = false;
      out += "- ";
      print(item, indent + "  ", true, out);
    }
  } else {
    out += (node.is_mapping() ? "{}" : node.is_sequence() ? "[]" : scalar(node, indent)) + "\n";
  }
}

}  // namespace

std::string print_yaml(const Node& node) {
  std::string out;
  print(node, "", false, out);
  return out;
}

}  // namespace tandem
