// What one source has to say, ready to be merged: families with their sample lines already rendered.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

struct Page {
  std::vector<Family> families;
  std::vector<std::string> problems;  // the first few, for people: "line 3: ..."
  std::size_t problem_count = 0;      // all of them; what they are about is left out of the families

  std::size_t samples() const;
  void problem(std::string text);
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

// Builds a Page from single samples: for the formats that are not Prometheus text.
class PageBuilder {
 public:
  explicit PageBuilder(const Labels& labels) : labels_(labels) {}
  // `more`: further labels of this sample. Help and kind count the first time. A series that was there already, or a
  // name or label that is none, becomes a problem.
  void add(const std::string& name, Kind kind, std::string_view help,
           const std::vector<std::pair<std::string, std::string>>& more, std::string_view value);
  Page finish();
  Page& page() { return page_; }

 private:
  const Labels& labels_;
  Page page_;
};

}  // namespace tandem::metrics
