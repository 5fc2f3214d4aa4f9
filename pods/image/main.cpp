// tandem-image: what `tandem image ...` runs. It says "tandem image" of itself, because that is what the user typed.
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>

#include "core/os/error.hpp"
#include "pods/image/commands.hpp"

int main(int argc, char** argv) {
  // Texts of apt-get are read, and must not depend on the user's language.
  ::setenv("LC_ALL", "C", 1);
  ::umask(022);
  CLI::App app("Keeps container images on this machine: packs, lists and removes them", "tandem image");
  app.require_subcommand(1);
  app.fallthrough();
  tandem::image::StorePlace place;
  app.add_option("--store", place.store, "The image store (default: the one pods are started from)")->type_name("DIR");
  tandem::image::add_commands(app, place);
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return tandem::exit_code(tandem::Fault::user);
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
