#include "core/run/reference.hpp"

#include <catch2/catch.hpp>

#include "core/os/process.hpp"

using namespace tandem;
using namespace tandem::run;

namespace {

Program sample() {
  Program program;
  program.name = "tandem-sample";
  program.summary = "shows what a program is";
  program.version = "1.0";
  program.config = {{"a.b", "one|two", "one", "A key - with a dash."},
                    {"list[].c", "string", "", ".starts with a dot"}};
  program.metrics = {{"sample_total", observe::MetricType::counter, "Samples.", {"kind"}}};
  program.example = "a: {b: two}\n";
  return program;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("every page shows every option, key and metric") {
  for (const auto& page : {help_text(sample()), reference_page(sample()), man_page(sample())}) {
    INFO(page);
    for (const char* part : {"config", "generate", "a.b", "list[].c", "admin.listen", "sample_total"})
      CHECK(has(page, part));
  }
  CHECK(has(help_text(sample()), "TANDEM_SAMPLE_A_B"));
  CHECK(has(reference_page(sample()), "one\\|two"));
  CHECK_FALSE(has(man_page(sample()), "\n.starts"));
}

TEST_CASE("the shells take the completions") {
  auto bash = run_command({"env", "LC_ALL=C", "bash", "-n"}, bash_completion(sample()));
  CHECK(bash.status.code == 0);
  CHECK(bash.errors == "");
  auto offered = run_command({"env", "LC_ALL=C", "bash"},
                             bash_completion(sample()) +
                                 "COMP_WORDS=(tandem-sample --generate ''); COMP_CWORD=2; _tandem_sample; "
                                 "echo \"${COMPREPLY[@]}\"; COMP_WORDS=(tandem-sample --ch); COMP_CWORD=1; "
                                 "_tandem_sample; echo \"${COMPREPLY[@]}\"\n");
  CHECK(offered.output == "man completion-bash completion-zsh reference\n--check\n");
  CHECK(has(zsh_completion(sample()), "#compdef tandem-sample\n"));
}
