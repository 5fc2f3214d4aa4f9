#include "sidecars/log/reclaim.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "core/text/characters.hpp"

namespace tandem::shipper {
namespace {

constexpr std::size_t hash_letters = 8;  // a word of so many hex digits names nothing

bool is_serial(std::string_view word) {
  if (word.empty() || is_digit(word[0])) return true;
  return word.size() >= hash_letters && std::all_of(word.begin(), word.end(), is_hex) &&
         std::any_of(word.begin(), word.end(), is_digit);
}

}  // namespace

std::string family_of(std::string_view path) {
  const auto slash = path.rfind('/');
  const std::size_t begin = slash == path.npos ? 0 : slash + 1;
  std::string family(path.substr(0, begin));
  for (std::size_t at = begin; at <= path.size();) {
    const std::size_t end = std::min(path.find_first_of(".-_~@+ ", at), path.size());
    const auto word = path.substr(at, end - at);
    if (!is_serial(word)) family.append(family.size() > begin ? "." : "").append(word);
    at = end + 1;
  }
  return family;
}

ReclaimPlan plan_reclaim(const std::vector<ReclaimFile>& files, const ReclaimRules& rules) {
  ReclaimPlan plan;
  for (const auto& file : files) plan.bytes += file.size;
  plan.left = plan.bytes;
  if (!rules.remove) return plan;

  std::vector<std::size_t> by_age(files.size());  // the newest first; of two of one moment the one with the later name
  for (std::size_t i = 0; i < by_age.size(); ++i) by_age[i] = i;
  std::sort(by_age.begin(), by_age.end(), [&](std::size_t a, std::size_t b) {
    return files[a].written_ns != files[b].written_ns ? files[a].written_ns > files[b].written_ns
                                                      : files[a].path > files[b].path;
  });
  const auto removable = [&](const ReclaimFile& file) { return file.shipped && file.quiet >= rules.quiet; };
  struct Family {
    bool has_newest = false;
    std::uint64_t kept = 0;
  };
  std::map<std::string, Family> families;
  std::vector<std::size_t> spared;  // what only a quota takes, the newest first
  bool is_newest = rules.spare_newest;
  for (const std::size_t index : by_age) {
    const ReclaimFile& file = files[index];
    Family& family = families[family_of(file.path)];
    const bool is_familys_newest = rules.spare_newest && !std::exchange(family.has_newest, true);
    const bool is_sources_newest = std::exchange(is_newest, false);
    if (is_sources_newest || !removable(file)) continue;
    if (is_familys_newest || family.kept < rules.keep) {
      if (!is_familys_newest) ++family.kept;
      spared.push_back(index);
      continue;
    }
    plan.remove.push_back(index);
    plan.left -= file.size;
  }
  std::reverse(plan.remove.begin(), plan.remove.end());
  for (; rules.quota > 0 && plan.left > rules.quota && !spared.empty(); spared.pop_back()) {
    plan.remove.push_back(spared.back());
    plan.left -= files[spared.back()].size;
  }
  return plan;
}

}  // namespace tandem::shipper
