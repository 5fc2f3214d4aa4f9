// What one source has to say, ready to be merged: families with their sample lines already rendered.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapter/metrics/series_set.hpp"

namespace tandem::metrics {

enum class Kind { untyped, counter, gauge, histogram, summary };
const char* kind_name(Kind kind);

struct Family {
  std::string name;
  Kind kind = Kind::untyped;
  std::string help;   // escaped as the text format wants it
  std::string lines;  // whole lines in text format 0.0.4, all of this family
  std::size_t samples = 0;
};

// What a source may say; each is a key below `limits` in the config.
struct PageLimits {
  std::size_t name_bytes = 1024;   // of a metric or a label
  std::size_t label_bytes = 4096;  // of a label's value
  std::size_t samples = 250'000;
  std::size_t page_bytes = 16u << 20;
  std::size_t json_depth = 100, json_values = 100'000, json_samples = 2'000;
};

struct Page {
  // What one takes beside its text: here, in the tables that find it, and in the merge.
  static constexpr std::size_t family_bytes = 512;

  std::vector<Family> families;
  std::vector<std::string> problems;  // the first few, for people: "line 3: ..."
  std::size_t problem_count = 0;      // all of them; what they are about is left out of the families
  std::map<std::string, std::size_t, std::less<>> left_out;  // how often, by the key below limits that was passed
  std::size_t bytes = 0;                                     // of the families in memory, about
  bool refused = false;

  std::size_t samples() const;
  void problem(std::string text);
  void leave_out(const char* limit, std::string text);    // a problem that is a limit's
  void refuse(const char* limit, std::string why);        // nothing of it is used, and `why` is its first problem
  bool grow(std::size_t more, const PageLimits& limits);  // false: past page_bytes, and refused
};

// Labels given to every sample of a source, rendered once.
class Labels {
 public:
  Labels() = default;
  explicit Labels(std::vector<std::pair<std::string, std::string>> pairs);
  const std::string& text() const { return text_; }  // container="web",zone="a"
  bool has(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
  std::string text_;
};

bool is_metric_name(std::string_view name);
bool is_label_name(std::string_view name);

// Builds a Page from single samples: for the formats that are not Prometheus text. Linear in what is added.
class PageBuilder {
 public:
  explicit PageBuilder(const Labels& labels, const PageLimits& limits = {}) : labels_(labels), limits_(limits) {}
  // `more`: further labels of this sample. Help and kind count the first time. A series that was there already, or a
  // name or label that is none or too long, becomes a problem. After a refusal it does nothing.
  void add(const std::string& name, Kind kind, std::string_view help,
           const std::vector<std::pair<std::string, std::string>>& more, std::string_view value);
  Page finish();
  Page& page() { return page_; }

 private:
  const Labels& labels_;
  PageLimits limits_;
  Page page_;
  std::map<std::string, std::size_t, std::less<>> families_;  // by name, where they are in the page
  SeriesSet seen_;
  std::size_t samples_ = 0;
};

}  // namespace tandem::metrics
