#include "tests/unit/log-transforms/transforms.hpp"

#include <algorithm>
#include <stdexcept>

namespace tandem::tests {

MadeTransform make_transform(const std::string& type, const std::string& yaml, observe::Metrics* metrics,
                             const std::string& sink, const std::string& name) {
  const auto& types = shipper::transform_types();
  const auto row = std::find_if(types.begin(), types.end(), [&](const auto& t) { return t.name == type; });
  if (row == types.end()) throw std::logic_error("no transform of type " + type);
  Problems problems;
  const auto documents = parse_yaml(yaml, "t.yaml", problems);
  const Node none;
  Reader item(documents.empty() ? none : documents.front().root, "t.yaml", "transforms[0]", problems);
  const auto make = row->read(item);
  item.done();
  MadeTransform made;
  made.problems = problems.text();
  if (make && made.problems.empty()) made.transform = make({name, sink, metrics});
  if (!made.transform && made.problems.empty()) throw std::logic_error("neither a transform nor a problem");
  return made;
}

std::string show(const shipper::Event& event) {
  std::string text;
  for (const auto& field : event.fields) {
    text += (text.empty() ? "" : " ") + std::string(field.name) + (field.literal ? ":" : "=") + std::string(field.text);
  }
  return text;
}

}  // namespace tandem::tests
