#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/state/undo_record.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::state;

namespace {

struct Pod {
  test::TemporaryDirectory directory;
  Roots roots;
  PodPaths paths{roots, "x"};
  Pod() {
    roots.run = directory / "run";
    roots.lib = directory / "lib";
    paths = PodPaths(roots, "0123456789ab");
    make_directories(paths.run);
  }
};

const UndoStep mount{UndoKind::mount, "/a b", "", {}};
const UndoStep ports{UndoKind::host_ports, "0123456789ab", "tandem", {}};
const UndoStep process{UndoKind::process, "", "", {9, 8, "boot"}};

}  // namespace

TEST_CASE("steps come back in the order they were written, across openings, each once") {
  Pod pod;
  {
    UndoRecord record(pod.paths);
    record.append(mount);
    record.append({ports, mount});
  }
  UndoRecord(pod.paths).append({ports, process});
  CHECK(parse_undo(read_file(pod.paths.undo())) == std::vector<UndoStep>{mount, ports, process});
}

TEST_CASE("a half line at the end was never followed by its step: it is dropped") {
  Pod pod;
  write_file(pod.paths.undo(), to_json_line(mount) + "{\"kind\":\"cgr");
  CHECK(parse_undo(read_file(pod.paths.undo())) == std::vector<UndoStep>{mount});
  UndoRecord(pod.paths).append(ports);
  CHECK(parse_undo(read_file(pod.paths.undo())) == std::vector<UndoStep>{mount, ports});
}

TEST_CASE("a damaged or unknown line is an error: forgetting a step would leave things behind") {
  CHECK_THROWS_AS(parse_undo("nonsense\n"), Error);
  CHECK_THROWS_AS(parse_undo("{\"kind\":\"teleport\"}\n"), Error);
  CHECK_THROWS_AS(parse_undo("{}\n"), Error);
}
