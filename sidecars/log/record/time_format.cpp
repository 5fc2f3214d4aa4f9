#include "sidecars/log/record/time_format.hpp"

#include "sidecars/log/record/time_pattern.hpp"
#include "sidecars/log/record/time_zone.hpp"

namespace tandem::shipper {
namespace {

// The fraction that may follow the seconds.
bool take_fraction(TimeText& text, TimeFields& fields) {
  return !text.skip_any('.', ',') || text.fraction(fields.nanos);
}
bool take_offset(TimeText& text, TimeFields& fields) {
  int offset = 0;
  if (!text.offset(offset)) return false;
  fields.offset = offset;
  return true;
}

bool read_rfc3339(TimeText& text, TimeFields& fields) {
  if (!text.four(fields.year) || !text.skip('-') || !text.two(fields.month) || !text.skip('-') || !text.two(fields.day))
    return false;
  if (!text.skip('T') && !text.skip_any('t', ' ')) return false;
  if (!text.clock(fields) || !take_fraction(text, fields)) return false;
  if (text.is_at_end()) return true;
  text.skip(' ');  // 10:00:00 +0200
  return take_offset(text, fields);
}

bool read_clf(TimeText& text, TimeFields& fields) {
  return text.two(fields.day) && text.skip('/') && text.month_name(fields.month) && text.skip('/') &&
         text.four(fields.year) && text.skip(':') && text.clock(fields) && text.skip(' ') && take_offset(text, fields);
}

bool read_rfc3164(TimeText& text, TimeFields& fields) {
  if (!text.month_name(fields.month) || !text.skip(' ')) return false;
  text.skip(' ');
  return text.number(2, fields.day) && text.skip(' ') && text.clock(fields) && take_fraction(text, fields);
}

template <bool (*read)(TimeText&, TimeFields&)>
class Written : public TimeFormat {
 public:
  explicit Written(Zone zone) : zone_(zone) {}
  bool parse(std::string_view text, std::int64_t now_ns, std::int64_t& epoch_ns) const override {
    TimeText rest(text);
    TimeFields fields;
    if (!read(rest, fields) || !rest.is_at_end()) return false;
    const auto moment = to_epoch_ns(fields, zone_, now_ns);
    if (moment) epoch_ns = *moment;
    return moment.has_value();
  }

 private:
  Zone zone_;
};

class Counted : public TimeFormat {
 public:
  explicit Counted(std::int64_t unit) : unit_(unit) {}
  bool parse(std::string_view text, std::int64_t, std::int64_t& epoch_ns) const override {
    TimeText rest(text);
    std::int64_t ns = 0;
    if (!rest.decimal(unit_, ns) || !rest.is_at_end()) return false;
    epoch_ns = ns;
    return true;
  }

 private:
  std::int64_t unit_;
};

// False: `problem` says why.
bool read_zone(const std::string& text, Zone& zone, std::string& problem) {
  if (text.empty() || text == "UTC" || text == "GMT" || text == "Etc/UTC") return true;
  TimeText rest(text);
  if (rest.offset(zone.offset) && rest.is_at_end()) return true;
  zone.place = text == "local" ? local_time_zone(problem) : find_time_zone(text, problem);
  return zone.place != nullptr;
}

}  // namespace

std::shared_ptr<const TimeFormat> make_time_format(const std::string& format, const std::string& zone_text,
                                                   std::string& problem) {
  Zone zone;
  if (!read_zone(zone_text, zone, problem)) {
    problem = "zone: " + problem;
    return nullptr;
  }
  if (format == "rfc3339") return std::make_shared<Written<read_rfc3339>>(zone);
  if (format == "clf") return std::make_shared<Written<read_clf>>(zone);
  if (format == "rfc3164") return std::make_shared<Written<read_rfc3164>>(zone);
  if (format == "unix") return std::make_shared<Counted>(1'000'000'000);
  if (format == "unix_ms") return std::make_shared<Counted>(1'000'000);
  if (format == "unix_us") return std::make_shared<Counted>(1'000);
  if (format == "unix_ns") return std::make_shared<Counted>(1);
  if (format.find('%') != format.npos) return make_time_pattern(format, zone, problem);
  problem = "format: `" + format +
            "` is none of rfc3339, clf, rfc3164, unix, unix_ms, unix_us, unix_ns, and no pattern with %";
  return nullptr;
}

}  // namespace tandem::shipper
