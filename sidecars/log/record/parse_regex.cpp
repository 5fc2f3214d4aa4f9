#include "sidecars/log/record/parse_regex.hpp"

#include <re2/re2.h>

#include "sidecars/log/record/parse_number.hpp"

namespace tandem::shipper {
namespace {

struct Group {
  int index = 0;
  std::string name;
  FieldType type = FieldType::string;
};

re2::RE2::Options quiet() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  return options;
}

bool is_literal(std::string_view text, FieldType type) {
  if (type == FieldType::number) return is_json_number(text);
  return type == FieldType::boolean && (text == "true" || text == "false");
}

class Re2Parser : public RegexParser {
 public:
  explicit Re2Parser(const std::string& pattern) : regex_(pattern, quiet()) {
    if (!regex_.ok()) return;
    for (const auto& [index, name] : regex_.CapturingGroupNames()) groups_.push_back({index, name, FieldType::string});
    if (!groups_.empty()) matches_.resize(static_cast<std::size_t>(groups_.back().index) + 1);
  }

  std::string problem() const {
    if (!regex_.ok()) return regex_.error();
    return groups_.empty() ? "it has no named group, (?P<name>...)" : "";
  }
  bool set_type(const std::string& name, FieldType type) {
    bool is_there = false;
    for (Group& group : groups_) {
      if (group.name != name) continue;
      group.type = type;
      is_there = true;
    }
    return is_there;
  }

  bool parse(std::string_view text, ParsedFields& fields) override {
    fields.clear();
    const re2::StringPiece piece(text.data(), text.size());
    const auto most = static_cast<int>(matches_.size());
    if (!regex_.Match(piece, 0, piece.size(), re2::RE2::UNANCHORED, matches_.data(), most)) return false;
    for (const Group& group : groups_) {
      const re2::StringPiece& match = matches_[static_cast<std::size_t>(group.index)];
      if (!match.data()) continue;
      const std::string_view found(match.data(), match.size());
      fields.push_back({group.name, found, is_literal(found, group.type), {}});
    }
    drop_repeated_names(fields);
    return true;
  }

 private:
  re2::RE2 regex_;
  std::vector<Group> groups_;
  std::vector<re2::StringPiece> matches_;
};

}  // namespace

std::unique_ptr<RegexParser> make_regex_parser(const std::string& pattern,
                                               const std::vector<std::pair<std::string, FieldType>>& types,
                                               std::string& problem) {
  auto parser = std::make_unique<Re2Parser>(pattern);
  problem = parser->problem();
  if (!problem.empty()) return nullptr;
  for (const auto& [name, type] : types) {
    if (parser->set_type(name, type)) continue;
    problem = "`" + name + "` has a type, but is no named group of it";
    return nullptr;
  }
  return parser;
}

}  // namespace tandem::shipper
