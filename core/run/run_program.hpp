// main() of a helper:
//   int main(int argc, char** argv) { return tandem::run::run_program(tandem::my::program(), argc, argv); }
#pragma once

#include "core/run/service.hpp"

namespace tandem::run {

// --config FILE, --check, --print-config, --generate man|completion-bash|completion-zsh|reference, --help, --version;
// otherwise runs the service: admin HTTP, signals, drain, reload. Returns the exit code: 0; 64 usage; 65 config;
// 69 environment; 70 bug; 1 when the drain deadline passed with work left.
int run_program(const Program& program, int argc, char** argv);

}  // namespace tandem::run
