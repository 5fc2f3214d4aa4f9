// The program `tandem`: its commands, its options, its exit codes.
#pragma once

#include <memory>

namespace CLI {
class App;
}

namespace tandem::cli {

struct Session;

// The whole command tree; the callbacks act on `session`, which must outlive the App.
std::unique_ptr<CLI::App> make_app(Session& session);

// main(): parses, runs one command, prints errors to stderr. Returns the exit code: 0; 1 the pod failed; 64 usage;
// 65 manifest; 69 environment; 70 bug; exec's is the command's own.
int run(int argc, char** argv);

}  // namespace tandem::cli
