#include "pods/cli/object_table.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace tandem::cli {

namespace {

using Json = nlohmann::ordered_json;
using Cells = std::vector<std::string>;

std::size_t count(const Json& object, const char* field) { return object.contains(field) ? object[field].size() : 0; }

std::string ports_of(const Json& service) {
  std::string text;
  const Json spec = service.value("spec", Json::object());
  for (const auto& port : spec.value("ports", Json::array()))
    text += (text.empty() ? "" : ",") + std::to_string(port.value("port", 0)) + "/" + port.value("protocol", "TCP");
  return text.empty() ? "<none>" : text;
}

std::string selector_of(const Json& service) {
  std::string text;
  const Json spec = service.value("spec", Json::object());
  const Json selector = spec.value("selector", Json::object());
  for (const auto& [key, value] : selector.items())
    text += (text.empty() ? "" : ",") + key + "=" + value.get<std::string>();
  return text.empty() ? "<none>" : text;
}

Cells headings(client::Kind kind) {
  if (kind == client::Kind::secret) return {"NAME", "TYPE", "DATA"};
  if (kind == client::Kind::service) return {"NAME", "CLUSTER-IP", "PORT(S)", "SELECTOR"};
  return {"NAME", "DATA"};
}

Cells cells(client::Kind kind, const Json& object) {
  const std::string name = object["metadata"]["name"];
  if (kind == client::Kind::secret)
    return {name, object.value("type", "Opaque"), std::to_string(count(object, "data"))};
  if (kind == client::Kind::service)
    return {name, object["spec"].value("clusterIP", "None"), ports_of(object), selector_of(object)};
  return {name, std::to_string(count(object, "data") + count(object, "binaryData"))};
}

}  // namespace

std::string align(const std::vector<Cells>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 3, ' ');
    }
    text += line + "\n";
  }
  return text;
}

std::string object_table(client::Kind kind, const std::vector<Json>& objects, const ObjectTable& table) {
  std::vector<Cells> rows;
  if (table.headers) rows.push_back(headings(kind));
  if (table.headers && table.name_space) rows[0].insert(rows[0].begin(), "NAMESPACE");
  for (const auto& object : objects) {
    rows.push_back(cells(kind, object));
    if (table.name_space) rows.back().insert(rows.back().begin(), object["metadata"].value("namespace", "default"));
  }
  return align(rows);
}

}  // namespace tandem::cli
