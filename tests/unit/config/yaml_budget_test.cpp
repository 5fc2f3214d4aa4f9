#include <catch2/catch.hpp>

#include "core/config/node.hpp"

using namespace tandem;

namespace {

std::string told_of(const std::string& text) {
  Problems problems;
  parse_yaml(text, "t.yaml", problems);
  return problems.text();
}

}  // namespace

TEST_CASE("what aliases repeat counts by its bytes, so that a small text takes little memory") {
  std::string texts = "text: &t \"" + std::string(40'000, 'x') + "\"\nlist:\n";  // 80 KB, 320 MB of it
  for (int i = 0; i < 8'000; ++i) texts += "- *t\n";
  CHECK(told_of(texts).find("t.yaml:16") == 0);  // the line where it becomes too much
  CHECK(told_of(texts).find("larger than 64 MiB in memory") != std::string::npos);
  std::string keys = "map: &m\n";
  for (int i = 0; i < 40; ++i) keys += "  " + std::string(1'000, 'k') + std::to_string(i) + ": 1\n";
  keys += "list:\n";
  for (int i = 0; i < 8'000; ++i) keys += "- *m\n";
  CHECK(told_of(keys).find("larger than 64 MiB in memory") != std::string::npos);
  std::string nested = "a0: &a0 \"" + std::string(1'000'000, 'x') + "\"\n";  // anchors are kept as copies
  for (int i = 1; i < 90; ++i)
    nested += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  CHECK(told_of(nested).find("larger than 64 MiB in memory") != std::string::npos);
  std::string documents;
  for (int i = 0; i < 40; ++i) {  // the documents of a text count together
    documents += texts.substr(0, texts.find("list:")) + "list: [*t";
    for (int j = 0; j < 40; ++j) documents += ", *t";
    documents += "]\n---\n";
  }
  CHECK(told_of(documents).find("larger than 64 MiB in memory") != std::string::npos);
}

TEST_CASE("a large text of ordinary values is read") {
  std::string text = "items:\n";
  while (text.size() < (4u << 20)) text += "- name: some-name\n  value: some-value\n";
  CHECK(told_of(text) == "");
}
