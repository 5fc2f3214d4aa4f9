// No more than so many records of a kind in a time.
#include <algorithm>

#include "sidecars/log/transform/field_key.hpp"
#include "sidecars/log/transform/field_transforms.hpp"
#include "sidecars/log/transform/recent_keys.hpp"

namespace tandem::shipper {
namespace {

struct Rate {
  double per_ns = 0, burst = 0;
};

class RateLimit final : public Transform {
 public:
  RateLimit(std::vector<std::string> fields, Rate rate) : key_(std::move(fields)), rate_(rate), buckets_(most_keys) {}

  bool apply(Event& event) override {
    const std::uint64_t key = key_.of(event);
    Bucket* bucket = buckets_.find(key);
    if (!bucket) bucket = &buckets_.add(key, {rate_.burst, event.time_ns});
    // Files are read one after the other, so that time may step back: nothing is given then, nothing taken.
    if (event.time_ns > bucket->time_ns) {
      const double passed = static_cast<double>(event.time_ns) - static_cast<double>(bucket->time_ns);
      bucket->tokens = std::min(rate_.burst, bucket->tokens + passed * rate_.per_ns);
      bucket->time_ns = event.time_ns;
    }
    if (bucket->tokens < 1 - 1e-9) return false;  // a sum of thirds is one
    bucket->tokens -= 1;
    return true;
  }

 private:
  struct Bucket {
    double tokens;
    std::int64_t time_ns;
  };
  FieldKey key_;
  Rate rate_;
  RecentKeys<Bucket> buckets_;
};

MakeTransform read_rate_limit(Reader& item) {
  const auto fields = read_names_or_name(item, "key");
  const auto limit = item.integer("limit", 0, 1, 1'000'000'000);
  if (!item.has("limit")) item.problem("", "the field \"limit\" is missing", "for example limit: 100");
  const auto per = item.duration("per", std::chrono::seconds(1));
  if (per.count() <= 0) item.problem("per", "must be more than 0");
  const auto burst = item.integer("burst", limit, 1, 1'000'000'000);
  if (limit <= 0 || per.count() <= 0) return {};
  const Rate rate{static_cast<double>(limit) / static_cast<double>(per.count()), static_cast<double>(burst)};
  return [fields, rate](const TransformContext&) { return std::make_unique<RateLimit>(fields, rate); };
}

}  // namespace

TransformType rate_limit_transform() {
  return {"rateLimit",
          {{"key", "field or list of fields", "",
            "rateLimit: each value has a limit of its own; absent: one for all. The 10,000 last seen are known."},
           {"limit", "integer", "", "rateLimit: so many records go on in the time of `per`; the others do not."},
           {"per", "duration", "1s",
            "rateLimit: by the records' own time. What was on its way at a crash is decided anew, and may be decided "
            "otherwise."},
           {"burst", "integer", "", "rateLimit: so many at once after a pause; absent: as `limit`."}},
          read_rate_limit};
}

}  // namespace tandem::shipper
