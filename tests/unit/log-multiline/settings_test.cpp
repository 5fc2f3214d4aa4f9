#include "sidecars/log/multiline_settings.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "core/config/node.hpp"

using namespace tandem;
using namespace tandem::shipper;

namespace {

// What `yaml`, one source, is read as, and the problems with it.
struct Read {
  explicit Read(const std::string& yaml) {
    const auto documents = parse_yaml(yaml, "c.yaml", problems);
    Reader source(documents.at(0).root, "c.yaml", "sources[0]", problems);
    settings = read_multiline(source);
    source.done();
  }
  bool has(const std::string& text) const { return problems.text().find(text) != std::string::npos; }
  Problems problems;
  MultilineSettings settings;
};

}  // namespace

TEST_CASE("A source without multiline has a record for each line") {
  const Read read("{}");
  CHECK(read.problems.empty());
  CHECK_FALSE(read.settings.rules);
}

TEST_CASE("Patterns and languages are read with their bounds") {
  const Read patterns("multiline: {start: '^\\d', continuation: '^x', maxLines: 20, patience: 300ms}");
  CHECK(patterns.problems.text().empty());
  CHECK(patterns.settings.rules);
  CHECK(patterns.settings.most_lines == 20);
  CHECK(patterns.settings.patience == std::chrono::milliseconds(300));
  const Read traces("multiline: {stackTraces: [java, python, go, cpp, node, ruby]}");
  CHECK(traces.problems.text().empty());
  CHECK(traces.settings.rules);
  CHECK(traces.settings.most_lines == 1000);
  CHECK(traces.settings.patience == std::chrono::seconds(1));
}

TEST_CASE("What is wrong with multiline is named with its key and a remedy") {
  const Read pattern("multiline: {start: '(x'}");
  CHECK(pattern.has("sources[0].multiline.start: is no regular expression: missing ): (x; RE2's syntax"));
  const Read language("multiline: {stackTraces: [pyton]}");
  CHECK(language.has("sources[0].multiline.stackTraces: there are no rules for stack traces of \"pyton\""));
  CHECK(language.has("did you mean \"python\"?"));
  CHECK(Read("multiline: {}").has("sources[0].multiline: says neither start nor continuation nor stackTraces"));
  CHECK(Read("multiline: {start: a, stackTraces: [go]}").has("stackTraces: start and continuation take its place"));
  CHECK(Read("multiline: {start: a, maxLines: 1}").has("multiline.maxLines"));
  CHECK(Read("multiline: {start: a, patience: 0s}").has("patience: is more than 0s and at most 1h"));
  CHECK(Read("multiline: {start: a, beginning: b}").has("beginning"));
}
