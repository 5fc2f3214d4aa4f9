// Secrets out of records, before they leave the pod.
#include <algorithm>

#include "sidecars/log/transform/field_names.hpp"
#include "sidecars/log/transform/field_transforms.hpp"
#include "sidecars/log/transform/keyed_hash.hpp"
#include "sidecars/log/transform/redactor.hpp"

namespace tandem::shipper {
namespace {

class Redact final : public Transform {
 public:
  Redact(FieldNames names, Redactor redactor) : names_(std::move(names)), redactor_(std::move(redactor)) {}

  bool apply(Event& event) override {
    for (Field& field : event.fields) {
      if (!names_.contains(field.name) || field.text.empty()) continue;
      const char first = field.text[0];
      const bool text = !field.literal || first == '-' || (first >= '0' && first <= '9');
      const bool constant = field.literal && (field.text == "true" || field.text == "false" || field.text == "null");
      if (redactor_.is_secret(field.name) && !constant) {
        out_.clear();
        redactor_.append_stand_in(field.text, out_);
        set(field, false, event);
      } else if (text ? redact_text(event, field.text) : redact_json(redactor_, field.text, out_)) {
        set(field, !text, event);
      }
    }
    return true;
  }

 private:
  bool redact_text(const Event& event, std::string_view text) {
    const bool as_read = text.data() == event.message;
    return redactor_.redact(text, out_, as_read ? event.before : 0, as_read ? event.behind : 0);
  }

  void set(Field& field, bool literal, Event& event) {
    field.text = event.keep(out_);
    field.literal = literal;
    field.member = {};
  }

  FieldNames names_;
  Redactor redactor_;
  std::string out_;
};

struct Patterns {
  Finders finders;
  bool names = false;
};

void read_pattern(Reader& item, const Node& node, Patterns& patterns) {
  const auto& known = known_secrets();
  if (node.kind == Node::Kind::string) {
    if (std::find(known.begin(), known.end(), node.text) == known.end()) {
      const std::string near = closest(node.text, known);
      item.problem("patterns", "\"" + node.text + "\" is none of card, mail, ipv4, ipv6, token",
                   near.empty() ? "one of your own is {name: NAME, regex: PATTERN}" : "did you mean \"" + near + "\"?");
    }
    patterns.names = patterns.names || node.text == "token";
    return add_finders(node.text, patterns.finders);
  }
  const Node* const regex = node.find("regex");
  if (!regex || regex->kind != Node::Kind::string || regex->text.empty()) {
    item.problem("patterns", "each is card, mail, ipv4, ipv6, token or {name: NAME, regex: PATTERN}");
    return;
  }
  std::string problem;
  if (auto finder = make_pattern_finder(regex->text, problem)) {
    patterns.finders.push_back(std::move(finder));
  } else {
    item.problem("patterns", "the pattern \"" + regex->text + "\" is not valid: " + problem);
  }
}

Replacement read_replacement(Reader& item, std::string& key_file) {
  Replacement replacement;
  const std::string with = item.string("with", "mask");
  key_file = item.string("keyFile");
  if (with == "hash") {
    replacement.kind = Replacement::Kind::hash;
    if (key_file.empty()) item.problem("", "with: hash needs a keyFile", "a file with at least 16 random bytes");
  } else {
    if (with != "mask") replacement.text = with;
    if (with.empty()) item.problem("with", "must not be empty: what is beside a secret would become one text");
    if (!key_file.empty()) item.problem("keyFile", "is only for with: hash");
  }
  return replacement;
}

MakeTransform read_redact(Reader& item) {
  auto fields =
      item.has("fields") ? read_field_names(item, "fields", "[message]") : std::vector<std::string>{"message"};
  Patterns patterns;
  const Node* const list = item.node("patterns");
  if (!list || !list->is_sequence() || list->items.empty()) {
    item.problem(list ? "patterns" : "", "patterns: a list of at least one is needed",
                 "for example [card, mail, token]");
  } else {
    for (const Node& node : list->items) read_pattern(item, node, patterns);
  }
  std::string key_file;
  const Replacement replacement = read_replacement(item, key_file);
  return [names = FieldNames(std::move(fields)), patterns, replacement, key_file](const TransformContext&) {
    Replacement with = replacement;
    if (with.kind == Replacement::Kind::hash) with.key = read_hash_key(key_file);
    return std::make_unique<Redact>(names, Redactor(patterns.finders, patterns.names, with));
  };
}

}  // namespace

TransformType redact_transform() {
  return {"redact",
          {{"fields", "list of fields", "[message]",
            "redact: the fields to search, JSON in them too; patterns (\"*\") are fine."},
           {"patterns", "list", "",
            "redact: card (13 to 19 digits with a valid Luhn sum, the first of them 2 to 6), mail, ipv4, ipv6, token "
            "(JWT, Bearer, AWS key ids, "
            "password=, api_key= and the like, and fields of such names), {name, regex} (RE2; the first group, or all "
            "of it)."},
           {"patterns[].name", "string", "", "redact: what a pattern of one's own is for."},
           {"patterns[].regex", "pattern", "", "redact: RE2."},
           {"with", "mask|hash|text", "mask",
            "redact: what stands there instead: ***, a keyed hash (16 digits, the same for the same secret), or this "
            "text."},
           {"keyFile", "path", "", "redact: with hash: a file with the key of HMAC-SHA256, at least 16 bytes."}},
          read_redact};
}

}  // namespace tandem::shipper
