#include "sidecars/log/record/time_pattern.hpp"

#include <vector>

namespace tandem::shipper {
namespace {

struct Step {
  char directive = '\0';  // what follows %; 0: `literal` as it is; ' ': any number of blanks
  char literal = '\0';
  int digits = 0;  // of %3N
};

struct Found {
  TimeFields fields;
  bool has_twelve = false, is_afternoon = false;
  std::optional<std::int64_t> epoch_ns;  // of %s, a fraction not in it
};

bool read_twelve(TimeText& text, Found& found) {
  found.has_twelve = true;
  return text.number(2, found.fields.hour) && found.fields.hour >= 1 && found.fields.hour <= 12;
}

bool read_half(TimeText& text, Found& found) {
  found.is_afternoon = text.word("pm");
  return found.is_afternoon || text.word("am");
}

bool read_step(const Step& step, TimeText& text, Found& found) {
  TimeFields& fields = found.fields;
  int number = 0;
  switch (step.directive) {
    case '\0':
      return text.skip(step.literal);
    case ' ':
      text.skip_blanks();
      return true;
    case 'Y':
      return text.four(fields.year);
    case 'y':
      if (!text.two(number)) return false;
      fields.year = number + (number < 69 ? 2000 : 1900);  // as POSIX has it
      return true;
    case 'm':
      return text.number(2, fields.month);
    case 'd':
    case 'e':
      text.skip(' ');
      return text.number(2, fields.day);
    case 'j':
      return text.number(3, fields.day_of_year);
    case 'H':
      text.skip(' ');
      return text.number(2, fields.hour);
    case 'I':
      text.skip(' ');
      return read_twelve(text, found);
    case 'p':
      return read_half(text, found);
    case 'M':
      return text.number(2, fields.minute);
    case 'S':
      return text.number(2, fields.second);
    case 'f':
      return text.fraction(fields.nanos);
    case 'N':
      return text.fraction_of(step.digits, fields.nanos);
    case 'b':
      return text.month_name(fields.month);
    case 'a':
      return text.day_name();
    case 's': {
      std::int64_t seconds = 0;
      if (!text.whole(seconds)) return false;
      found.epoch_ns = join_epoch(seconds, 0);
      return found.epoch_ns.has_value();
    }
    case 'z':
      if (!text.offset(number)) return false;
      fields.offset = number;
      return true;
    default:  // Z
      fields.offset = 0;
      return text.word("UTC") || text.word("GMT") || text.word("Z");
  }
}

class Pattern : public TimeFormat {
 public:
  Pattern(std::vector<Step> steps, Zone zone) : steps_(std::move(steps)), zone_(zone) {}

  bool parse(std::string_view text, std::int64_t now_ns, std::int64_t& epoch_ns) const override {
    TimeText rest(text);
    Found found;
    for (const Step& step : steps_)
      if (!read_step(step, rest, found)) return false;
    if (!rest.is_at_end()) return false;
    if (found.epoch_ns) {
      epoch_ns = *found.epoch_ns + found.fields.nanos;
      return true;
    }
    TimeFields& fields = found.fields;
    if (found.has_twelve) fields.hour = fields.hour % 12 + (found.is_afternoon ? 12 : 0);
    const bool has_date = fields.month != TimeFields::unsaid || fields.day_of_year != TimeFields::unsaid;
    if (fields.year != TimeFields::unsaid && !has_date) fields.month = 1;
    if (fields.month != TimeFields::unsaid && fields.day == TimeFields::unsaid) fields.day = 1;
    const auto moment = to_epoch_ns(fields, zone_, now_ns);
    if (moment) epoch_ns = *moment;
    return moment.has_value();
  }

 private:
  std::vector<Step> steps_;
  Zone zone_;
};

// Shorthands for several directives.
std::string_view meaning(char directive) {
  switch (directive) {
    case 'T':
      return "%H:%M:%S";
    case 'F':
      return "%Y-%m-%d";
    case 'D':
      return "%m/%d/%y";
    case 'R':
      return "%H:%M";
    default:
      return {};
  }
}

// Adds the steps of a pattern; what is wrong, empty: nothing.
std::string add_steps(std::string_view pattern, std::vector<Step>& steps) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == ' ' || pattern[i] == '\t') {
      steps.push_back({' '});
      continue;
    }
    if (pattern[i] != '%') {
      steps.push_back({'\0', pattern[i]});
      continue;
    }
    const std::size_t from = i++;
    int digits = 9;
    if (i < pattern.size() && pattern[i] >= '1' && pattern[i] <= '9') digits = pattern[i++] - '0';
    const char directive = i < pattern.size() ? pattern[i] : '\0';
    const bool has_digits = i - from == 2;
    const std::string name(pattern.substr(from, 1 + i - from));
    if (has_digits && directive != 'N') return "`" + name + "` is not known: only %N takes a number of digits";
    if (const auto several = meaning(directive); !several.empty()) {
      add_steps(several, steps);
      continue;
    }
    switch (directive) {
      case '%':
        steps.push_back({'\0', '%'});
        break;
      case 'n':
      case 't':
        steps.push_back({' '});
        break;
      case 'L':
        steps.push_back({'N', '\0', 3});
        break;
      case 'N':
        steps.push_back({'N', '\0', digits});
        break;
      case 'B':
      case 'h':
        steps.push_back({'b'});
        break;
      case 'A':
        steps.push_back({'a'});
        break;
      default:
        if (directive == '\0' || std::string_view("YymdejHIpMSfbaszZ").find(directive) == std::string_view::npos)
          return "`" + name + "` is not known";
        steps.push_back({directive});
    }
  }
  return "";
}

// What must be there for a time to come out; empty: all is.
std::string missing(const std::vector<Step>& steps) {
  const auto has = [&](std::string_view any) {
    for (const Step& step : steps)
      if (step.directive != '\0' && any.find(step.directive) != any.npos) return true;
    return false;
  };
  if (has("s")) return "";
  if (has("d") || has("e")) {
    if (!has("mb")) return "it has a day without a month (%m, %b)";
  } else if (!has("jHI") && !has("mb")) {
    return "it has neither a date nor a time of day";
  }
  if (has("I") && !has("p")) return "it has %I without %p";
  return "";
}

}  // namespace

std::shared_ptr<const TimeFormat> make_time_pattern(const std::string& pattern, const Zone& zone,
                                                    std::string& problem) {
  std::vector<Step> steps;
  problem = add_steps(pattern, steps);
  if (problem.empty()) problem = missing(steps);
  if (problem.empty()) return std::make_shared<Pattern>(std::move(steps), zone);
  problem = "format: in `" + pattern + "`: " + problem;
  return nullptr;
}

}  // namespace tandem::shipper
