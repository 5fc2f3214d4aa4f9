#include "ambassador/redis/program.hpp"
#include "core/run/run_program.hpp"

int main(int argc, char** argv) { return tandem::run::run_program(tandem::redis::program(), argc, argv); }
