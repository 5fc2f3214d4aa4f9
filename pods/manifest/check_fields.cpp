#include "pods/manifest/check_fields.hpp"

#include "core/config/units.hpp"
#include "pods/manifest/api_fields.hpp"

namespace tandem::manifest {

namespace {

// Does the value say nothing that a default does not say, too?
bool is_quiet(const Node& value, std::string_view quiet) {
  if (value.is_null()) return true;
  if (value.is_mapping()) return value.members.empty();
  if (value.is_sequence()) return value.items.empty();
  return !quiet.empty() && value.text == quiet;
}

class FieldCheck {
 public:
  FieldCheck(const Source& source, const std::string& kind, Validation validation, Problems& problems)
      : source_(source), kind_(kind), validation_(validation), problems_(problems) {}

  // Every member of one mapping whose fields the API lists.
  void object(const Node& node, const std::string& path, const std::string& schema) {
    if (!node.is_mapping()) return wrong_type(node, path, "a mapping");
    for (const Member& member : node.members) {
      const std::string where = below(path, member.key);
      const std::string field_path = schema.empty() ? member.key : schema + "." + member.key;
      const ApiField* field =
          member.key.find_first_of(".[]/") == std::string::npos ? find_field(kind_, field_path) : nullptr;
      if (!field) {
        unknown(member, where, schema);
      } else if (is_taken(*field, member, where)) {
        value(member.value, where, field_path,
              field->support == Support::supported ? field->type : opaque(field->type));
      }
    }
  }

 private:
  void add(Mark mark, std::string path, std::string message, std::string hint, Severity severity) {
    problems_.add({source_.file(), mark, std::move(path), std::move(message), std::move(hint), severity});
  }

  void unknown(const Member& member, const std::string& where, const std::string& schema) {
    if (validation_ == Validation::ignore) return;
    const std::string near = closest(member.key, names_below(kind_, schema));
    add(member.key_mark, where, "unknown field", near.empty() ? "" : "did you mean \"" + near + "\"?",
        validation_ == Validation::strict ? Severity::error : Severity::warning);
  }

  // What has no effect is not looked into.
  static FieldType opaque(FieldType type) {
    if (type == FieldType::object) return FieldType::opaque;
    return type == FieldType::object_list ? FieldType::opaque_list : type;
  }

  bool is_taken(const ApiField& field, const Member& member, const std::string& where) {
    if (field.support == Support::supported) return true;
    if (is_quiet(member.value, field.quiet)) return false;
    if (field.support == Support::no_effect) {
      if (validation_ != Validation::ignore) {
        add(member.key_mark, where, "has no effect on one machine", "", Severity::warning);
      }
      return true;
    }
    if (validation_ == Validation::strict) {
      add(member.key_mark, where, "is a Kubernetes field that Tandem does not support yet",
          "remove it or use --validate=warn", Severity::error);
    } else {
      add(member.key_mark, where, "is a Kubernetes field that Tandem does not support yet, and is left out", "",
          Severity::warning);
    }
    return false;
  }

  void wrong_type(const Node& node, const std::string& path, const std::string& wanted) {
    std::string hint;
    if (wanted == "a string" && node.is_scalar() && !node.is_null()) hint = "quote it: \"" + node.text + "\"";
    if (wanted != "a string" && node.kind == Node::Kind::string && node.quoted) hint = "write it without quotes";
    add(node.mark, path, wanted + " is wanted, not " + kind_name(node.kind), hint, Severity::error);
  }

  void value(const Node& node, const std::string& path, const std::string& schema, FieldType type) {
    if (node.is_null()) return;
    switch (type) {
      case FieldType::object:
        return object(node, path, schema);
      case FieldType::object_list:
      case FieldType::opaque_list:
        return items(node, path, schema, FieldType::object, type == FieldType::opaque_list);
      case FieldType::text_list:
        return items(node, path, schema, FieldType::text, false);
      case FieldType::int32_list:
        return items(node, path, schema, FieldType::int32, false);
      case FieldType::int64_list:
        return items(node, path, schema, FieldType::int64, false);
      case FieldType::text_map:
        return entries(node, path, FieldType::text);
      case FieldType::quantity_map:
        return entries(node, path, FieldType::quantity);
      case FieldType::opaque:
        if (!node.is_mapping()) wrong_type(node, path, "a mapping");
        return;
      case FieldType::text:
      case FieldType::boolean:
      case FieldType::int32:
      case FieldType::int64:
      case FieldType::int_or_text:
      case FieldType::quantity:
        return scalar(node, path, type);
    }
  }

  void items(const Node& node, const std::string& path, const std::string& schema, FieldType type, bool opaque) {
    if (!node.is_sequence()) return wrong_type(node, path, "a list");
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const Node& entry = node.items[i];
      const std::string where = item(path, i);
      if (type != FieldType::object) {
        scalar(entry, where, type);
      } else if (!entry.is_mapping()) {
        wrong_type(entry, where, "a mapping");
      } else if (!opaque) {
        object(entry, where, schema + "[]");
      }
    }
  }

  void entries(const Node& node, const std::string& path, FieldType type) {
    if (!node.is_mapping()) return wrong_type(node, path, "a mapping");
    for (const Member& member : node.members) {
      if (!member.value.is_null()) scalar(member.value, below(path, member.key), type);
    }
  }

  void scalar(const Node& node, const std::string& path, FieldType type) {
    const bool is_text = node.kind == Node::Kind::string;
    const bool is_number = node.kind == Node::Kind::integer || node.kind == Node::Kind::number;
    switch (type) {
      case FieldType::text:
        if (!is_text) wrong_type(node, path, "a string");
        return;
      case FieldType::boolean:
        if (!node.as_bool()) wrong_type(node, path, "true or false");
        return;
      case FieldType::int32:
      case FieldType::int64:
        return integer(node, path);
      case FieldType::int_or_text:
        if (!is_text) integer(node, path);
        return;
      case FieldType::quantity:
        if (!is_text && !is_number) return wrong_type(node, path, "a quantity");
        if (!parse_bytes(node.text)) {
          add(node.mark, path, "\"" + node.text + "\" is no quantity", "write it like 500m, 2, 64Mi or 1Gi",
              Severity::error);
        }
        return;
      case FieldType::object:
      case FieldType::object_list:
      case FieldType::opaque:
      case FieldType::opaque_list:
      case FieldType::text_list:
      case FieldType::int32_list:
      case FieldType::int64_list:
      case FieldType::text_map:
      case FieldType::quantity_map:
        return;
    }
  }

  // The decoder knows each field's own range.
  void integer(const Node& node, const std::string& path) {
    if (node.kind != Node::Kind::integer) return wrong_type(node, path, "an integer");
    if (!node.as_integer()) add(node.mark, path, node.text + " is out of range", "", Severity::error);
  }

  const Source& source_;
  const std::string& kind_;
  Validation validation_;
  Problems& problems_;
};

}  // namespace

void check_fields(const Source& source, const std::string& kind, Validation validation, Problems& problems) {
  FieldCheck(source, kind, validation, problems).object(source.node(), "", "");
}

}  // namespace tandem::manifest
