// Records that say again what was just said.
#include <charconv>

#include "sidecars/log/transform/field_key.hpp"
#include "sidecars/log/transform/field_transforms.hpp"
#include "sidecars/log/transform/recent_keys.hpp"

namespace tandem::shipper {
namespace {

class Deduplicate final : public Transform {
 public:
  Deduplicate(std::vector<std::string> fields, std::int64_t within_ns, bool count)
      : key_(std::move(fields)), within_ns_(within_ns), count_(count), seen_(most_keys) {}

  bool apply(Event& event) override {
    const std::uint64_t key = key_.of(event);
    Seen* const seen = seen_.find(key);
    if (!seen) {
      seen_.add(key, {event.time_ns, 0});
      return true;
    }
    // Either way round: files are read one after the other.
    const std::int64_t apart = event.time_ns - seen->time_ns;
    if (apart < within_ns_ && -apart < within_ns_) {
      ++seen->repeated;
      return false;
    }
    if (count_ && seen->repeated > 0) {
      char* const text = event.claim(20);
      const auto end = std::to_chars(text, text + 20, seen->repeated).ptr;
      event.set("repeated", {text, static_cast<std::size_t>(end - text)}, true);
    }
    *seen = {event.time_ns, 0};
    return true;
  }

 private:
  struct Seen {
    std::int64_t time_ns;  // of the last one that went on
    std::uint64_t repeated;
  };
  FieldKey key_;
  std::int64_t within_ns_;
  bool count_;
  RecentKeys<Seen> seen_;
};

MakeTransform read_deduplicate(Reader& item) {
  auto fields = read_names_or_name(item, "fields");
  if (!item.has("fields")) fields = {"message"};
  const auto within = item.duration("within", std::chrono::seconds(10));
  if (within.count() <= 0) item.problem("within", "must be more than 0");
  const bool count = item.boolean("count", false);
  if (fields.empty() || within.count() <= 0) return {};
  return [fields, within, count](const TransformContext&) {
    return std::make_unique<Deduplicate>(fields, within.count(), count);
  };
}

}  // namespace

TransformType deduplicate_transform() {
  return {"deduplicate",
          {{"fields", "list of fields", "[message]",
            "deduplicate: records with the same values of these are the same. The 10,000 last seen are known."},
           {"within", "duration", "10s",
            "deduplicate: so long after one that went on, the same go no further; by the records' own time. What was "
            "on its way at a crash is decided anew, and may be decided otherwise."},
           {"count", "boolean", "false",
            "deduplicate: the next that goes on says in the field `repeated` how many did not."}},
          read_deduplicate};
}

}  // namespace tandem::shipper
