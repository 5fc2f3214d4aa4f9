// tandem-image: what `tandem image ...` runs. It says "tandem image" of itself, because that is what the user typed.
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "core/os/not_found.hpp"
#include "pods/image/commands.hpp"

int main(int argc, char** argv) {
  // Texts of apt-get are read, and must not depend on the user's language.
  ::setenv("LC_ALL", "C", 1);
  ::umask(022);
  std::signal(SIGCHLD, SIG_DFL);  // ignored by who started us, it would hide how our children end
  tandem::image::StorePlace place;
  try {
    const tandem::command_line::Command tree{
        .name = "tandem image",
        .help = "Keeps container images on this machine: packs, lists and removes them",
        .options = {{.names = "--store",
                     .help = "The image store (default: the one pods are started from)",
                     .target = &place.store,
                     .value_name = "DIR"}},
        .commands = tandem::image::image_commands(place)};
    return tandem::command_line::run(tree, argc, argv);
  } catch (const tandem::NotFound& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return tandem::not_found_code;
  } catch (const tandem::Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return tandem::exit_code(error.fault());
  } catch (const std::filesystem::filesystem_error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return tandem::exit_code(tandem::Fault::environment);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return tandem::exit_code(tandem::Fault::bug);
  }
}
