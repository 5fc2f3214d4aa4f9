// Which files may go.
#include <catch2/catch.hpp>

#include "sidecars/log/punch_hole.hpp"
#include "sidecars/log/reclaim.hpp"

using namespace tandem::shipper;
using namespace std::chrono_literals;

namespace {

ReclaimFile file(const std::string& path, std::int64_t written, bool shipped = true, std::uint64_t size = 10) {
  return {path, size, written, shipped, 1min};
}

std::vector<std::string> removed(const std::vector<ReclaimFile>& files, const ReclaimRules& rules) {
  std::vector<std::string> paths;
  for (const auto index : plan_reclaim(files, rules).remove) paths.push_back(files[index].path);
  return paths;
}

using Paths = std::vector<std::string>;
const std::vector<ReclaimFile> rotated = {file("/logs/app.log", 9), file("/logs/app.log.1", 8),
                                          file("/logs/app.log.2", 7), file("/logs/app.log.3", 6),
                                          file("/logs/app.log.4", 5)};

}  // namespace

TEST_CASE("the names of a log and of its rotated files have one family") {
  CHECK(family_of("/logs/app.log") == "/logs/app.log");
  for (const char* name : {"app.log.1", "app-2026-11-22.log", "app.log-20261122-120000", "app_20261122T120000Z.log",
                           "app.1.log", "app-3fa91c02bd.log"})
    CHECK(family_of(std::string("/logs/") + name) == "/logs/app.log");
  CHECK(family_of("/logs/access.log.1") == "/logs/access.log");
  CHECK(family_of("/logs/facade.log") == "/logs/facade.log");
  CHECK(family_of("/other/app.log") == "/other/app.log");
  CHECK(family_of("/logs/1.log") == "/logs/log");
  CHECK(family_of("") == "");
}

TEST_CASE("the oldest shipped files go, and so many stay as are to be kept") {
  CHECK(removed(rotated, {.remove = true, .keep = 2}) == Paths{"/logs/app.log.4", "/logs/app.log.3"});
  CHECK(removed(rotated, {.remove = true, .keep = 9}).empty());
  CHECK(removed(rotated, {.remove = true, .keep = 0}).size() == 4);
  CHECK(removed(rotated, {.remove = false, .keep = 0}).empty());
}

TEST_CASE("a file that some sink does not have stays, and does not count as kept") {
  auto files = rotated;
  files[1].shipped = files[3].shipped = false;
  CHECK(removed(files, {.remove = true, .keep = 0}) == Paths{"/logs/app.log.4", "/logs/app.log.2"});
  CHECK(removed(files, {.remove = true, .keep = 1}) == Paths{"/logs/app.log.4"});
}

TEST_CASE("a file in which something was found a moment ago stays") {
  auto files = rotated;
  files[4].quiet = 4s;
  CHECK(removed(files, {.remove = true, .keep = 2}) == Paths{"/logs/app.log.3"});
}

TEST_CASE("the newest file of each family stays though it is shipped") {
  const std::vector<ReclaimFile> files = {file("/logs/app.log", 1), file("/logs/access.log", 9),
                                          file("/logs/app.log.1", 0)};
  CHECK(removed(files, {.remove = true, .keep = 0}) == Paths{"/logs/app.log.1"});
  CHECK(removed({file("/logs/app.log", 1)}, {.remove = true, .keep = 0, .quota = 1}).empty());
}

TEST_CASE("past the quota neither what is kept nor families count, but never what is not shipped") {
  ReclaimRules rules{.remove = true, .keep = 9, .quota = 25};
  CHECK(removed(rotated, rules) == Paths{"/logs/app.log.4", "/logs/app.log.3", "/logs/app.log.2"});
  auto files = rotated;
  files[2].shipped = files[3].shipped = false;
  CHECK(removed(files, rules) == Paths{"/logs/app.log.4", "/logs/app.log.1"});
  const auto plan = plan_reclaim(files, rules);
  CHECK(plan.bytes == 50);
  CHECK(plan.left == 30);
  rules.remove = false;
  CHECK(plan_reclaim(files, rules).left == 50);
}

TEST_CASE("of a spool every shipped file goes, the newest too") {
  CHECK(removed(rotated, {true, false, 0, 0, 0s, false}).size() == 5);
}

TEST_CASE("of files that were written at one moment the one with the later name counts as newer") {
  CHECK(removed({file("/l/a.1", 5), file("/l/a.2", 5)}, {.remove = true, .keep = 0}) == Paths{"/l/a.1"});
}

TEST_CASE("holes are of whole blocks, leave the beginning and the last MiB, and are made when they are worth it") {
  constexpr std::uint64_t block = 64 << 10, mega = 1 << 20;
  CHECK(hole_to_punch({}, 0).bytes() == 0);
  CHECK(hole_to_punch({0, 2 * mega}, 0).bytes() == 0);
  const auto first = hole_to_punch({0, block + 2 * mega + 5}, 0);
  CHECK(first.begin == block);
  CHECK(first.end == block + mega);
  CHECK(hole_to_punch({0, block + 2 * mega + 5}, first.end).bytes() == 0);
  const auto next = hole_to_punch({0, block + 3 * mega + 5}, first.end);
  CHECK(next.begin == first.end);
  CHECK(next.end == block + 2 * mega);
  // A file that begins with a hole: what it is known by lies behind that.
  CHECK(hole_to_punch({5 * mega + 1, 9 * mega}, 0).begin == 5 * mega + 2 * block);
  CHECK(hole_to_punch({5 * mega, 6 * mega}, 0).bytes() == 0);
}
