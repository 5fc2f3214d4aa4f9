#include "adapter/metrics/prometheus_text.hpp"

#include <cstring>
#include <map>
#include <string>

#include "adapter/metrics/prometheus_line.hpp"
#include "adapter/metrics/series_set.hpp"
#include "core/observe/utf8.hpp"

namespace tandem::metrics {

namespace {

std::string_view next_word(std::string_view& rest) {
  auto begin = rest.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return rest = {};
  auto end = std::min(rest.find_first_of(" \t", begin), rest.size());
  auto word = rest.substr(begin, end - begin);
  rest.remove_prefix(end);
  return word;
}

// Help as it came, but for what would make the page invalid.
std::string usable_help(std::string_view text) {
  std::string out;
  if (!observe::is_utf8(text)) return out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] != '\\') continue;
    bool escape = i + 1 < text.size() && (text[i + 1] == '\\' || text[i + 1] == 'n');
    out += escape ? text[++i] : '\\';
  }
  return out;
}

class Reading {
 public:
  Reading(const Labels& labels, const PageLimits& limits) : labels_(labels), limits_(limits) {}

  void line(std::string_view text) {
    ++number_;
    while (!text.empty() && (text.back() == '\r' || text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return;
    text.remove_prefix(begin);
    if (const char* why = text[0] == '#' ? comment(text.substr(1)) : sample(text))
      page_.problem("line " + std::to_string(number_) + ": " + why);
  }

  bool refused() const { return page_.refused; }

  Page finish() {
    std::erase_if(page_.families, [](const Family& family) { return family.samples == 0; });
    return std::move(page_);
  }

 private:
  const char* comment(std::string_view rest) {
    auto word = next_word(rest);
    if (word != "HELP" && word != "TYPE") return nullptr;
    auto name = next_word(rest);
    if (!is_metric_name(name)) return "HELP or TYPE of something that is no metric name";
    if (name.size() > limits_.name_bytes) return past("nameBytes", "the name is longer than limits.nameBytes");
    const auto index = index_of(name);
    if (page_.refused) return nullptr;
    auto& family = page_.families[index];
    if (word == "HELP") {
      if (!rest.empty()) rest.remove_prefix(1);
      if (!family.help.empty()) return nullptr;
      if (page_.grow(2 * rest.size(), limits_)) family.help = usable_help(rest);
      return nullptr;
    }
    if (family.samples) return "TYPE comes after the samples";
    auto type = next_word(rest);
    for (auto kind : {Kind::untyped, Kind::counter, Kind::gauge, Kind::histogram, Kind::summary})
      if (type == kind_name(kind)) {
        if (family.kind != Kind::untyped) return "a second TYPE";
        family.kind = kind;
        last_name_ = {};
        return nullptr;
      }
    return "an unknown TYPE";
  }

  const char* sample(std::string_view text) {
    if (const char* why = sample_.read(text)) return why;
    if (const char* why = too_long()) return why;
    // Samples of one name stand together: most lines need no look-up.
    if (sample_.name != last_name_) {
      last_family_ = family_of(sample_.name);
      last_name_ = sample_.name;
    }
    if (page_.refused) return nullptr;
    Family& family = page_.families[last_family_];
    if (const char* why = misfit(family)) return why;
    if (!seen_.insert(sample_.name, sample_.braces)) return "this series is there already";
    if (++samples_ > limits_.samples) {
      page_.refuse("samples", "it has more than limits.samples (" + std::to_string(limits_.samples) + ") samples");
      return nullptr;
    }
    const auto before = family.lines.size();
    append(family.lines);
    ++family.samples;
    page_.grow(family.lines.size() - before, limits_);
    return nullptr;
  }

  const char* past(const char* limit, const char* why) {
    ++page_.left_out[limit];
    return why;
  }

  const char* too_long() {
    if (sample_.name.size() > limits_.name_bytes) return past("nameBytes", "the name is longer than limits.nameBytes");
    for (std::size_t i = 0; i < sample_.label_count; ++i) {
      if (sample_.labels[i].name.size() > limits_.name_bytes)
        return past("nameBytes", "a label's name is longer than limits.nameBytes");
      if (sample_.labels[i].value.size() > limits_.label_bytes)
        return past("labelBytes", "a label's value is longer than limits.labelBytes");
    }
    return nullptr;
  }

  // What Prometheus refuses in a histogram or a summary.
  const char* misfit(const Family& family) const {
    if (family.kind == Kind::histogram) {
      if (sample_.name.size() == family.name.size()) return "a sample without suffix in a histogram";
      if (sample_.name.ends_with("_bucket") && !is_float(sample_.label("le"))) return "a bucket without a number le";
    }
    if (family.kind == Kind::summary && sample_.name.size() == family.name.size() &&
        !is_float(sample_.label("quantile")))
      return "a summary without a number quantile";
    return nullptr;
  }

  void append(std::string& out) {
    out.append(sample_.name);
    if (labels_.text().empty() && sample_.braces.empty()) {
      out += ' ';
    } else {
      out += '{';
      out.append(labels_.text());
      if (!sample_.braces.empty()) {
        if (!labels_.text().empty()) out += ',';
        if (clashes()) {
          append_renamed(out);
        } else {
          out.append(sample_.braces);
        }
      }
      out.append("} ");
    }
    out.append(sample_.tail);
    out += '\n';
  }

  bool clashes() const {
    for (std::size_t i = 0; i < sample_.label_count; ++i)
      if (labels_.has(sample_.labels[i].name)) return true;
    return false;
  }

  void append_renamed(std::string& out) const {
    for (std::size_t i = 0; i < sample_.label_count; ++i) {
      std::string name(sample_.labels[i].name);
      if (labels_.has(name)) {
        do name.insert(0, "exported_");
        while (labels_.has(name) || sample_.label(name).data());
      }
      if (i) out += ',';
      out.append(name).append("=\"").append(sample_.labels[i].value) += '"';
    }
  }

  std::size_t family_of(std::string_view name) {
    if (auto found = families_.find(name); found != families_.end()) return found->second;
    for (std::string_view suffix : {"_bucket", "_sum", "_count"}) {
      if (!name.ends_with(suffix)) continue;
      auto base = families_.find(name.substr(0, name.size() - suffix.size()));
      if (base == families_.end()) continue;
      auto kind = page_.families[base->second].kind;
      if (kind == Kind::histogram || (kind == Kind::summary && suffix != "_bucket")) return base->second;
    }
    return index_of(name);
  }

  std::size_t index_of(std::string_view name) {
    auto [found, fresh] = families_.try_emplace(std::string(name), page_.families.size());
    if (fresh && page_.grow(Page::family_bytes + 2 * name.size(), limits_))
      page_.families.emplace_back().name = found->first;
    return found->second;
  }

  const Labels& labels_;
  const PageLimits& limits_;
  Page page_;
  SampleLine sample_;
  SeriesSet seen_;
  std::map<std::string, std::size_t, std::less<>> families_;
  std::string_view last_name_;
  std::size_t last_family_ = 0;
  std::size_t number_ = 0, samples_ = 0;
};

}  // namespace

Page parse_prometheus(std::string_view text, const Labels& labels, const PageLimits& limits) {
  Reading reading(labels, limits);
  while (!text.empty() && !reading.refused()) {
    auto* end = static_cast<const char*>(std::memchr(text.data(), '\n', text.size()));
    auto length = end ? static_cast<std::size_t>(end - text.data()) : text.size();
    reading.line(text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return reading.finish();
}

}  // namespace tandem::metrics
