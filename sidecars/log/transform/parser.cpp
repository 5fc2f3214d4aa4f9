#include "sidecars/log/transform/parser.hpp"

#include <algorithm>

#include "sidecars/log/json_text.hpp"

namespace tandem::shipper {
namespace {

constexpr std::size_t most_scratch = 256 * 1024;

class Parser : public Transform {
 public:
  Parser(const ParserSettings& settings, ParseText parse, const TransformContext& context)
      : settings_(settings), parse_(std::move(parse)), failures_(parse_failures(context)) {
    Buffer name;
    append_json_text(settings_.into, name);
    into_member_ = "\"" + std::string(name.view()) + "\":";
  }

  bool apply(Event& event) override {
    const Field* const field = event.find(settings_.field);
    if (!field) return true;
    if (!parse_(field->text, event, found_)) {
      if (failures_) failures_->add();
      return !settings_.drop_on_failure;
    }
    if (settings_.format) take_time(event);
    if (!settings_.keep) event.fields.erase(event.fields.begin() + (field - event.fields.data()));
    if (settings_.into.empty()) {
      add_fields(event.fields, found_);
    } else {
      event.set(object(event));
    }
    return true;
  }

 private:
  void take_time(Event& event) {
    const auto field =
        std::find_if(found_.begin(), found_.end(), [&](const Field& f) { return f.name == settings_.time_field; });
    if (field == found_.end()) return;
    if (settings_.format->parse(field->text, event.time_ns, event.time_ns)) {
      found_.erase(field);
    } else if (failures_) {
      failures_->add();
    }
  }

  Field object(Event& event) {
    scratch_.truncate(0);
    scratch_.append(into_member_);
    scratch_.append("{");
    for (const Field& field : found_) {
      if (&field != found_.data()) scratch_.append(",");
      append_member(field);
    }
    scratch_.append("}");
    const std::string_view member = event.keep(scratch_.view());
    if (scratch_.capacity() > most_scratch) scratch_ = Buffer();
    return {settings_.into, member.substr(into_member_.size()), true, member};
  }

  void append_member(const Field& field) {
    if (!field.member.empty()) return scratch_.append(field.member);
    scratch_.append("\"");
    append_json_text(field.name, scratch_);
    scratch_.append("\":");
    if (field.literal) return scratch_.append(field.text);
    scratch_.append("\"");
    append_json_text(field.text, scratch_);
    scratch_.append("\"");
  }

  const ParserSettings settings_;
  const ParseText parse_;
  observe::Counter* const failures_;
  std::string into_member_;  // "into":
  ParsedFields found_;
  Buffer scratch_;
};

}  // namespace

std::unique_ptr<Transform> make_parser(const ParserSettings& settings, ParseText parse,
                                       const TransformContext& context) {
  return std::make_unique<Parser>(settings, std::move(parse), context);
}

observe::Counter* parse_failures(const TransformContext& context) {
  if (!context.metrics) return nullptr;
  return &context.metrics->counter("tandem_log_parse_failures_total", {context.sink, context.name});
}

const run::ConfigTable parser_keys = {
    {"field", "string", "message", "What it reads. A record without this field passes as it is."},
    {"into", "string", "", "One field for all that it found, an object. Absent: each becomes a field of the record."},
    {"keep", "boolean", "false", "Leave the field that was read in the record."},
    {"onFailure", "keep|drop", "keep", "What becomes of a record that it cannot read; counted either way."},
    {"time.field", "string", "", "Which of the fields it found says when the record was written."},
    {"time.format", "string", "rfc3339",
     "rfc3339, clf, rfc3164, unix, unix_ms, unix_us, unix_ns, or a pattern such as \"%d.%m.%Y %H:%M:%S.%f\"."},
    {"time.zone", "string", "UTC",
     "For times that do not say theirs: UTC, an offset such as +02:00, a zone such as Europe/Berlin, or local."},
};

const char* const zone_remedy =
    "names are those of the files below /usr/share/zoneinfo (Debian's tzdata; mount it into a container without, TZDIR "
    "says where)";

bool read_on_failure(Reader& item) { return item.choice("onFailure", "keep", {"keep", "drop"}) == "drop"; }

std::shared_ptr<const TimeFormat> read_time_format(Reader& item) {
  std::string problem;
  auto format = make_time_format(item.string("format", "rfc3339"), item.string("zone", "UTC"), problem);
  if (!format) {
    const std::size_t colon = problem.find(": ");
    const std::string key = problem.substr(0, colon);
    item.problem(key, problem.substr(colon + 2),
                 key == "zone" ? zone_remedy : "for example rfc3339, or a pattern such as %Y-%m-%d %H:%M:%S.%f");
  }
  return format;
}

ParserSettings read_parser(Reader& item) {
  ParserSettings settings;
  settings.field = item.string("field", "message");
  settings.into = item.string("into");
  settings.keep = item.boolean("keep", false);
  settings.drop_on_failure = read_on_failure(item);
  if (settings.field.empty()) item.problem("field", "is empty", "leave it out for `message`");
  if (item.has("time")) {
    Reader time = item.object("time");
    settings.time_field = time.required_string("field");
    settings.format = read_time_format(time);
    time.done();
  }
  return settings;
}

}  // namespace tandem::shipper
