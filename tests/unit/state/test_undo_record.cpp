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
  CHECK(parse_undo(read_file(pod.paths.undo())).steps == std::vector<UndoStep>{mount, ports, process});
}

TEST_CASE("a half line at the end was never followed by its step: it is dropped") {
  Pod pod;
  write_file(pod.paths.undo(), to_json_line(mount) + "{\"kind\":\"cgr");
  CHECK(parse_undo(read_file(pod.paths.undo())).steps == std::vector<UndoStep>{mount});
  UndoRecord(pod.paths).append(ports);
  CHECK(parse_undo(read_file(pod.paths.undo())).steps == std::vector<UndoStep>{mount, ports});
}

TEST_CASE("a damaged or unknown line is told with its number, and those around it are read") {
  for (const std::string line : {"nonsense\n", "{\"kind\":\"teleport\"}\n", "{}\n", "[1]\n", "{\"kind\":7}\n"}) {
    CAPTURE(line);
    const UndoSteps read = parse_undo(to_json_line(mount) + line + to_json_line(ports));
    CHECK(read.steps == std::vector<UndoStep>{mount, ports});
    REQUIRE(read.damage.size() == 1);
    CHECK(read.damage[0].starts_with("line 2: "));
  }
}

TEST_CASE("a record with damaged lines can be appended to") {
  Pod pod;
  write_file(pod.paths.undo(), "nonsense\n" + to_json_line(mount));
  UndoRecord(pod.paths).append({mount, ports});
  CHECK(read_file(pod.paths.undo()) == "nonsense\n" + to_json_line(mount) + to_json_line(ports));
}
