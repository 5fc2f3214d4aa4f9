// The time that a field says becomes the record's.
#include "sidecars/log/transform/parser.hpp"
#include "sidecars/log/transform/parsers.hpp"

namespace tandem::shipper {
namespace {

struct TimeSettings {
  std::string field;
  std::shared_ptr<const TimeFormat> format;
  bool keep = false, drop_on_failure = false;
};

class ParseTime : public Transform {
 public:
  ParseTime(const TimeSettings& settings, const TransformContext& context)
      : settings_(settings), failures_(parse_failures(context)) {}

  bool apply(Event& event) override {
    const Field* const field = event.find(settings_.field);
    if (!field) return true;
    if (!settings_.format->parse(field->text, event.time_ns, event.time_ns)) {
      if (failures_) failures_->add();
      return !settings_.drop_on_failure;
    }
    if (!settings_.keep) event.remove(settings_.field);
    return true;
  }

 private:
  const TimeSettings settings_;
  observe::Counter* const failures_;
};

MakeTransform read_time(Reader& item) {
  TimeSettings settings;
  settings.field = item.string("field", "time");
  settings.format = read_time_format(item);
  settings.keep = item.boolean("keep", false);
  settings.drop_on_failure = read_on_failure(item);
  if (settings.field.empty()) item.problem("field", "is empty", "leave it out for `time`");
  return [settings](const TransformContext& context) { return std::make_unique<ParseTime>(settings, context); };
}

// Rows of parsers; what they have below `time` is its own here.
run::ConfigTable time_keys() {
  run::ConfigTable keys = {{"field", "string", "time", "What it reads. A record without this field passes as it is."}};
  for (run::ConfigKey key : parser_keys) {
    if (key.path == "time.format" || key.path == "time.zone") {
      key.path.erase(0, std::string_view("time.").size());
    } else if (key.path != "keep" && key.path != "onFailure") {
      continue;
    }
    keys.push_back(key);
  }
  return keys;
}

}  // namespace

TransformType time_transform() { return {"time", time_keys(), read_time}; }

}  // namespace tandem::shipper
