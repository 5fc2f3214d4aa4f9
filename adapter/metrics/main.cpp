#include "adapter/metrics/program.hpp"
#include "core/run/run_program.hpp"

int main(int argc, char** argv) { return tandem::run::run_program(tandem::metrics::program(), argc, argv); }
