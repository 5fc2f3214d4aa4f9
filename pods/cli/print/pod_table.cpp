#include <fmt/format.h>

#include <algorithm>

#include "pods/cli/print/json_access.hpp"
#include "pods/cli/print/pod_status_text.hpp"
#include "pods/cli/print/print_pods.hpp"

namespace tandem::print {

namespace {

using Row = std::vector<std::string>;

std::string or_none(const Json& json) {
  const std::string value = text(json);
  return value.empty() ? "<none>" : value;
}

Row row_of(const Json& pod, const TableOptions& options, Time now) {
  const PodStatusText status = status_text(pod);
  std::string restarts = std::to_string(status.restarts);
  if (status.restarts != 0 && !status.last_restart.empty()) {
    restarts += " (" + age_text(status.last_restart, now) + " ago)";
  }
  Row row;
  if (options.all_namespaces) row.push_back(text(get(pod, "metadata", "namespace")));
  row.insert(row.end(), {text(get(pod, "metadata", "name")), fmt::format("{}/{}", status.ready, status.total),
                         status.status, restarts, age_text(text(get(pod, "metadata", "creationTimestamp")), now)});
  if (options.wide) {
    row.push_back(or_none(get(pod, "status", "podIP")));
    row.push_back(or_none(get(pod, "spec", "nodeName")));
  }
  return row;
}

std::string aligned(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out.append(widths[i] - row[i].size() + 3, ' ');
    }
    out += '\n';
  }
  return out;
}

}  // namespace

std::string pod_table(const std::vector<Json>& pods, const TableOptions& options) {
  const Time now =
      options.now.value_or(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
  std::vector<Row> rows;
  if (!options.no_headers) {
    Row& headings = rows.emplace_back();
    if (options.all_namespaces) headings.push_back("NAMESPACE");
    headings.insert(headings.end(), {"NAME", "READY", "STATUS", "RESTARTS", "AGE"});
    if (options.wide) headings.insert(headings.end(), {"IP", "NODE"});
  }
  for (const Json& pod : pods) rows.push_back(row_of(pod, options, now));
  return aligned(rows);
}

}  // namespace tandem::print
