#include "core/run/run_program.hpp"
#include "sidecars/log/program.hpp"

int main(int argc, char** argv) { return tandem::run::run_program(tandem::shipper::program(), argc, argv); }
