#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "pods/manifest/api_fields.hpp"
#include "pods/manifest/decode_pod.hpp"

using namespace tandem;
using namespace tandem::manifest;

namespace {

std::set<std::string> paths_of_the_api() {
  std::set<std::string> out;
  std::ifstream file(TANDEM_SOURCE_DIR "/pods/manifest/podspec-fields.tsv");
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::string path = line.substr(0, line.find('\t'));
    if (path.ends_with("[]")) path.resize(path.size() - 2);
    out.insert(path);
  }
  return out;
}

std::set<std::string> paths_of_the_table(bool supported_only) {
  std::set<std::string> out;
  for (const ApiField& field : api_fields()) {
    if (!field.path.starts_with("Pod/spec.")) continue;
    if (!supported_only || field.support == Support::supported) out.emplace(field.path.substr(4));
  }
  return out;
}

std::set<std::string> minus(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::set<std::string> out;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
  return out;
}

// A value for every supported field, so that each is reached by the decoder.
Node sample(const std::string& path) {
  const auto scalar = [](Node::Kind kind, std::string text) {
    Node node;
    node.kind = kind, node.text = std::move(text);
    return node;
  };
  const auto list_of = [](Node entry) {
    Node node;
    node.kind = Node::Kind::sequence, node.items.push_back(std::move(entry));
    return node;
  };
  const auto mapping = [&] {
    Node node;
    node.kind = Node::Kind::mapping;
    return node;
  };
  const auto fill = [&](const std::string& below_path) {
    Node node = mapping();
    for (const std::string& name : names_below("Pod", below_path)) {
      const std::string child = below_path + "." + name;
      if (find_field("Pod", child)->support == Support::supported) node.members.push_back({name, {}, sample(child)});
    }
    return node;
  };
  switch (find_field("Pod", path)->type) {
    case FieldType::object:
      return fill(path);
    case FieldType::object_list:
      return list_of(fill(path + "[]"));
    case FieldType::opaque:
      return mapping();
    case FieldType::opaque_list:
      return list_of(mapping());
    case FieldType::text_map:
    case FieldType::quantity_map:
      return mapping();
    case FieldType::text_list:
      return list_of(scalar(Node::Kind::string, "a"));
    case FieldType::int32_list:
    case FieldType::int64_list:
      return list_of(scalar(Node::Kind::integer, "1"));
    case FieldType::boolean:
      return scalar(Node::Kind::boolean, "true");
    case FieldType::int32:
    case FieldType::int64:
    case FieldType::int_or_text:
      return scalar(Node::Kind::integer, "1");
    case FieldType::quantity:
      return scalar(Node::Kind::string, "1");
    case FieldType::text:
      return scalar(Node::Kind::string, "Always");
  }
  return {};
}

}  // namespace

TEST_CASE("the table has exactly the API's fields of a Pod's spec: fields.inc is generated from the list") {
  CHECK(minus(paths_of_the_table(false), paths_of_the_api()) == std::set<std::string>{});
  CHECK(minus(paths_of_the_api(), paths_of_the_table(false)) == std::set<std::string>{});
}

TEST_CASE("the table is sorted and has no field twice, or the search would miss some") {
  const auto fields = api_fields();
  for (std::size_t i = 1; i < fields.size(); ++i) CHECK(fields[i - 1].path < fields[i].path);
}

TEST_CASE("the decoder reads every field that is called supported, and no other") {
  Node pod;
  pod.kind = Node::Kind::mapping;
  pod.members.push_back({"spec", {}, sample("spec")});
  Problems problems;
  std::set<std::string> asked;
  decode_pod(Source("", std::make_shared<const Node>(pod)), {}, problems, &asked);
  std::set<std::string> asked_in_spec;
  for (const std::string& path : asked) {
    if (path.starts_with("spec.")) asked_in_spec.insert(path);
  }
  const std::set<std::string> supported = paths_of_the_table(true);
  CHECK(minus(supported, asked_in_spec) == std::set<std::string>{});
  CHECK(minus(asked_in_spec, supported) == std::set<std::string>{});
}

TEST_CASE("fields are found by path without indexes, init containers as containers, metadata for every kind") {
  REQUIRE(find_field("Pod", "spec.initContainers[].image"));
  CHECK(find_field("Pod", "spec.initContainers[].image")->type == FieldType::text);
  REQUIRE(find_field("Secret", "metadata.labels"));
  CHECK(find_field("Secret", "metadata.labels")->type == FieldType::text_map);
  CHECK(find_field("Pod", "spec.contaners") == nullptr);
  CHECK(find_field("Secret", "spec") == nullptr);
  CHECK(without_indexes("spec.initContainers[12].env[0].name") == "spec.containers[].env[].name");
  CHECK(names_below("Service", "spec.ports[]").size() == 6);
}
