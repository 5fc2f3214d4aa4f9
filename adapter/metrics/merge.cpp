#include "adapter/metrics/merge.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace tandem::metrics {

namespace {

constexpr std::size_t shown_dropped = 100;

struct Part {
  const Family* family = nullptr;
  std::size_t source = 0;
};

struct Joined {
  Kind kind = Kind::untyped;
  std::string_view help;
  std::vector<Part> parts;
};
using Families = std::map<std::string_view, Joined>;

bool is_simple(Kind kind) { return kind != Kind::histogram && kind != Kind::summary; }

// Whether a page with this family would be read as samples of a histogram or summary of another name.
std::string_view owner_of(std::string_view name, const Families& families) {
  for (std::string_view suffix : {"_bucket", "_sum", "_count"}) {
    if (!name.ends_with(suffix)) continue;
    auto base = families.find(name.substr(0, name.size() - suffix.size()));
    if (base != families.end() && !is_simple(base->second.kind)) return base->first;
  }
  return {};
}

// Empty: it can be joined.
std::string why_not(const Joined& joined, const Part& part, const std::vector<SourcePage>& pages) {
  auto kind = part.family->kind;
  bool same = kind == joined.kind;
  bool one_untyped =
      (kind == Kind::untyped || joined.kind == Kind::untyped) && is_simple(kind) && is_simple(joined.kind);
  if (!same && !one_untyped)
    return std::string("it is a ") + kind_name(kind) + " here and a " + kind_name(joined.kind) +
           " in an earlier source";
  for (const auto& earlier : joined.parts)
    if (pages[earlier.source].labels->text() == pages[part.source].labels->text())
      return "an earlier source with the same labels has it too";
  return "";
}

}  // namespace

Merged merge(const std::vector<SourcePage>& pages) {
  Merged merged;
  Families families;
  std::size_t bytes = 0;
  auto drop = [&](std::size_t source, const std::string& name, const std::string& why) {
    if (++merged.dropped_count <= shown_dropped)
      merged.dropped.push_back(std::to_string(source) + ": " + name + ": " + why);
  };
  for (std::size_t source = 0; source < pages.size(); ++source) {
    for (const auto& family : pages[source].page->families) {
      Part part{&family, source};
      auto [at, fresh] = families.try_emplace(family.name);
      auto& joined = at->second;
      if (auto why = fresh ? std::string() : why_not(joined, part, pages); !why.empty()) {
        drop(source, family.name, why);
        continue;
      }
      if (joined.kind == Kind::untyped) joined.kind = family.kind;
      if (joined.help.empty()) joined.help = family.help;
      joined.parts.push_back(part);
      bytes += family.lines.size() + family.help.size() + 2 * family.name.size() + 40;
    }
  }
  merged.text.reserve(bytes);
  for (const auto& [name, joined] : families) {
    if (auto owner = owner_of(name, families); !owner.empty()) {
      for (const auto& part : joined.parts)
        drop(part.source, std::string(name), "it would be read as part of " + std::string(owner));
      continue;
    }
    if (!joined.help.empty()) merged.text.append("# HELP ").append(name).append(" ").append(joined.help) += '\n';
    merged.text.append("# TYPE ").append(name).append(" ").append(kind_name(joined.kind)) += '\n';
    for (const auto& part : joined.parts) merged.text.append(part.family->lines);
  }
  return merged;
}

}  // namespace tandem::metrics
