#include "sidecars/log/reclaimer.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "core/observe/log.hpp"
#include "sidecars/log/assembly.hpp"
#include "sidecars/log/punch_hole.hpp"
#include "sidecars/log/remove_shipped.hpp"

namespace tandem::shipper {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::nanoseconds shortest_rest = std::chrono::seconds(1);
constexpr int rest_per_release = 20;

constexpr std::uint64_t disk_block = 512;  // of st_blocks, stat(2)

void measure(ReclaimFile& file) {
  struct stat status {};
  if (::lstat(file.path.c_str(), &status) != 0) return;
  file.written_ns = static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
  file.size = std::min(file.size, static_cast<std::uint64_t>(status.st_blocks) * disk_block);
}

}  // namespace

void Reclaimer::configure(const Settings& settings) {
  taken_.clear();
  for (const auto& sink : settings.sinks)
    for (const auto& source : settings.sources)
      if (takes(sink, source)) taken_[sink.name].push_back(source);
  std::vector<Watched> next;
  for (const auto& source : settings.sources) {
    if (!source.reclaim.remove && !source.reclaim.punch && source.reclaim.quota == 0) continue;
    Watched& watched = next.emplace_back();
    watched.source = source;
    for (const auto& directory : list_sources({source}).directories) finish_removals(directory);
    metrics_->counter("tandem_log_reclaimed_files_total", {source.name});
    metrics_->counter("tandem_log_reclaimed_bytes_total", {source.name});
  }
  for (const auto& old : watched_)
    if (std::none_of(next.begin(), next.end(), [&](const auto& w) { return w.source.name == old.source.name; }))
      metrics_->remove("tandem_log_source_bytes", {old.source.name});
  watched_ = std::move(next);
}

std::chrono::nanoseconds Reclaimer::look(const Pipelines& pipelines) {
  if (watched_.empty()) return std::chrono::nanoseconds::max();
  const auto begin = Clock::now();
  for (auto& watched : watched_) look(watched, pipelines);
  return std::max<std::chrono::nanoseconds>(shortest_rest, (Clock::now() - begin) * rest_per_release);
}

void Reclaimer::look(Watched& watched, const Pipelines& pipelines) {
  const Source& source = watched.source;
  const Listing listing = list_sources({source});
  if (source.reclaim.punch) punch(watched, listing.files, pipelines);
  std::vector<ReclaimFile> files;
  for (const auto& file : listing.files) files.push_back(describe(file, pipelines));
  const ReclaimPlan plan = plan_reclaim(files, source.reclaim);
  std::uint64_t left = plan.bytes;
  std::string failure;
  for (const std::size_t index : plan.remove) {
    const ListedFile& file = listing.files[index];
    if (!has_left(file, pipelines)) continue;
    const Removal removal = remove_shipped(file.path, file.device, file.inode, file.size);
    if (removal.result == Removal::Result::failed) failure = removal.problem;
    if (removal.result != Removal::Result::removed) continue;
    left -= files[index].size;
    metrics_->counter("tandem_log_reclaimed_files_total", {source.name}).add();
    metrics_->counter("tandem_log_reclaimed_bytes_total", {source.name}).add(static_cast<double>(files[index].size));
    if (!source.intake)
      observe::log_info("deleted a file that every sink has",
                        {{"source", source.name}, {"file", file.path}, {"bytes", file.size}});
  }
  metrics_->gauge("tandem_log_source_bytes", {source.name}).set(static_cast<double>(left));
  if (!failure.empty() && failure != watched.failure)
    observe::log_warning("a shipped file cannot be deleted", {{"source", source.name}, {"problem", failure}});
  watched.failure = failure;
  watched.over = source.reclaim.quota > 0 && left > source.reclaim.quota;
  if (watched.over && !watched.told)
    observe::log_warning("the files of a source are larger than its quota, and what could be deleted was",
                         {{"source", source.name}, {"bytes", left}, {"quota", source.reclaim.quota}});
  if (!watched.over && watched.told)
    observe::log_info("the files of a source are within its quota again", {{"source", source.name}, {"bytes", left}});
  watched.told = watched.over;
}

// Frees what every sink has of files that go on.
void Reclaimer::punch(Watched& watched, const std::vector<ListedFile>& files, const Pipelines& pipelines) {
  std::string failure;
  for (const auto& file : files) {
    bool all_there = false;
    const auto needed = takers(file, pipelines, all_there);
    if (!all_there || file.size < kept_head + kept_tail) continue;
    ByteRange unneeded{0, file.size};
    for (const Pipeline* pipeline : needed) {
      const ByteRange theirs = pipeline->tailer().releasable(file.device, file.inode);
      unneeded = {std::max(unneeded.begin, theirs.begin), std::min(unneeded.end, theirs.end)};
    }
    const auto freed = punch_hole(file.location(), file.device, file.inode, unneeded, failure);
    metrics_->counter("tandem_log_reclaimed_bytes_total", {watched.source.name}).add(static_cast<double>(freed));
  }
  if (!failure.empty() && failure != watched.hole_failure)
    observe::log_warning("what was shipped of a file cannot be freed",
                         {{"source", watched.source.name}, {"problem", failure}});
  watched.hole_failure = failure;
}

// The pipelines that must have a file before it may go.
std::vector<const Pipeline*> Reclaimer::takers(const ListedFile& file, const Pipelines& pipelines,
                                               bool& all_there) const {
  std::vector<const Pipeline*> result;
  all_there = true;
  for (const auto& [sink, sources] : taken_) {
    if (std::none_of(sources.begin(), sources.end(), [&](const Source& s) { return s.takes(file.path); })) continue;
    const auto at = std::find_if(pipelines.begin(), pipelines.end(),
                                 [&, &sink = sink](const auto& p) { return p->name() == sink; });
    if (at == pipelines.end()) {
      all_there = false;
    } else {
      result.push_back(at->get());
    }
  }
  all_there = all_there && !result.empty();
  return result;
}

ReclaimFile Reclaimer::describe(const ListedFile& file, const Pipelines& pipelines) const {
  ReclaimFile described;
  described.path = file.path;
  described.size = file.size;
  measure(described);
  const auto needed = takers(file, pipelines, described.shipped);
  // A link's file is elsewhere; an empty one costs nothing, and somebody may be about to write it.
  described.shipped = described.shipped && file.target.empty() && file.size > 0;
  described.quiet = std::chrono::nanoseconds::max();
  for (const Pipeline* pipeline : needed) {
    const auto progress = pipeline->tailer().progress_of(file.device, file.inode, Clock::now());
    described.shipped = described.shipped && progress && progress->settled && progress->acknowledged == file.size;
    if (progress) described.quiet = std::min(described.quiet, progress->quiet);
  }
  return described;
}

bool Reclaimer::has_left(const ListedFile& file, const Pipelines& pipelines) const {
  bool all_there = false;
  const auto needed = takers(file, pipelines, all_there);
  return all_there && std::all_of(needed.begin(), needed.end(), [&](const Pipeline* pipeline) {
           return pipeline->tailer().has_shipped(file.device, file.inode, file.size);
         });
}

bool Reclaimer::spools_are_shipped(const Pipelines& pipelines) const {
  for (const auto& watched : watched_) {
    if (!watched.source.intake) continue;
    for (const auto& file : list_sources({watched.source}).files)
      if (file.size > 0 && !has_left(file, pipelines)) return false;
  }
  return true;
}

std::string Reclaimer::problem() const {
  for (const auto& watched : watched_)
    if (watched.over)
      return fmt::format("the files of {} are larger than its quota, and not all are shipped", watched.source.name);
  return "";
}

}  // namespace tandem::shipper
