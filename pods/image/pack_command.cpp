// tandem image pack: flags -> PackRequest.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "core/os/error.hpp"
#include "pods/image/commands.hpp"
#include "pods/image/packing.hpp"
#include "pods/image/store.hpp"

namespace tandem::image {

namespace {

struct PackFlags {
  std::string name;
  PackRequest request;
  std::string root;
  std::vector<std::string> files, directories, links, labels;
  bool quiet = false;
};

// One argument that is a JSON list stands for the list, as in a Containerfile: arguments may begin with a dash that
// way.
std::vector<std::string> argument_list(const std::vector<std::string>& words, const char* flag) {
  if (words.size() != 1 || !words.front().starts_with('[')) return words;
  const auto list = parse_json(words.front());
  std::vector<std::string> result;
  bool fine = list.is_array();
  if (fine)
    for (const auto& item : list) {
      fine = fine && item.is_string();
      if (item.is_string()) result.push_back(item.get<std::string>());
    }
  if (!fine)
    throw Error(Fault::user, std::string("use ") + flag, words.front(), "it is not a JSON list of strings",
                "write it as [\"/usr/bin/x\", \"-v\"]");
  return result;
}

void check_sources(const PackFlags& flags) {
  if (flags.request.programs.empty() && flags.root.empty() && flags.request.packages.empty() && flags.files.empty())
    throw Error(Fault::user, "pack", flags.name, "it is not said what goes into the image",
                "give --bin PATH, --root DIR or --debian PACKAGE");
  if (!flags.root.empty() && !flags.request.packages.empty())
    throw Error(Fault::user, "pack", flags.name, "--root and --debian exclude each other");
  if (flags.request.whole && flags.request.packages.empty())
    throw Error(Fault::user, "pack", flags.name, "--whole belongs to --debian");
}

void run_pack(PackFlags& flags, const StorePlace& place) {
  const std::string reference = full_reference(flags.name);
  if (reference.find('@') != reference.npos)
    throw Error(Fault::user, "pack", flags.name, "a new image has no digest yet", "leave out what begins with @");
  check_sources(flags);
  PackRequest& request = flags.request;
  request.root = flags.root;
  for (const std::string& text : flags.files) request.files.push_back(parse_extra_file(text));
  for (const std::string& text : flags.directories) request.directories.push_back(parse_extra_directory(text));
  for (const std::string& text : flags.links) request.links.push_back(parse_extra_link(text));
  for (const std::string& text : flags.labels) {
    const std::size_t equals = text.find('=');
    if (equals == text.npos || equals == 0)
      throw Error(Fault::user, "use --label", "\"" + text + "\"", "it is not NAME=VALUE");
    request.labels[text.substr(0, equals)] = text.substr(equals + 1);
  }
  for (const std::string& text : request.environment)
    if (const std::size_t equals = text.find('='); equals == text.npos || equals == 0)
      throw Error(Fault::user, "use --env", "\"" + text + "\"", "it is not NAME=VALUE");
  request.entrypoint = argument_list(request.entrypoint, "--entrypoint");
  request.command = argument_list(request.command, "--cmd");
  const auto report = [&](const std::string& line) {
    if (!flags.quiet) std::fprintf(stderr, "%s: %s\n", flags.name.c_str(), line.c_str());
  };
  const StoredImage stored = pack_image(place.images(), place.pods(), reference, request, report);
  std::printf("%s@%s\n", reference.c_str(), stored.digest.c_str());
}

}  // namespace

command_line::Command pack_command(const StorePlace& place) {
  auto flags = std::make_shared<PackFlags>();
  PackRequest& request = flags->request;
  return {
      .name = "pack",
      .help = "Make a minimal image of programs, a directory or Debian packages",
      .options =
          {{.names = "NAME",
            .help = "Name of the image: localhost/web, localhost/web:1.0",
            .target = &flags->name,
            .value_name = "",
            .required = true},
           {.names = "--bin",
            .help = "Programs, packed with the libraries they need; with --root or --debian those inside it. The first "
                    "is the entrypoint",
            .target = &request.programs,
            .value_name = "PATH"},
           {.names = "--root",
            .help = "A directory, packed whole; with --bin only what those programs need",
            .target = &flags->root,
            .value_name = "DIR"},
           {.names = "--debian",
            .help = "Debian packages: their own files without documentation, and of what they depend on the libraries "
                    "that are needed; with --bin only these of their programs. Nothing is installed, no script is run",
            .target = &request.packages,
            .value_name = "PACKAGE"},
           {.names = "--whole",
            .help = "With --debian: all files of all packages they depend on",
            .target = &request.whole},
           {.names = "--lib",
            .help = "Libraries that programs open by themselves, by name or path",
            .target = &request.libraries,
            .value_name = "LIB"},
           {.names = "--without",
            .help = "Paths left out of what the packages or the directory bring",
            .target = &request.without,
            .value_name = "PATH"},
           {.names = "--file",
            .help = "A file of this machine",
            .target = &flags->files,
            .value_name = "SRC:DST[:MODE]"},
           {.names = "--dir",
            .help = "A directory that belongs to the image's user",
            .target = &flags->directories,
            .value_name = "PATH[:MODE]"},
           {.names = "--link", .help = "A symlink", .target = &flags->links, .value_name = "PATH:TARGET"},
           // One at a time, so that a JSON list is not taken apart.
           {.names = "--entrypoint",
            .help = "What is run: a JSON list, or one word each time it is given",
            .target = &request.entrypoint,
            .value_name = "ARG",
            .one_at_a_time = true},
           {.names = "--cmd",
            .help = "Its arguments when the pod gives none; written likewise",
            .target = &request.command,
            .value_name = "ARG",
            .one_at_a_time = true},
           {.names = "--env", .help = "Environment", .target = &request.environment, .value_name = "NAME=VALUE"},
           {.names = "--workdir",
            .help = "Working directory",
            .target = &request.working_directory,
            .value_name = "DIR"},
           {.names = "--user",
            .help = "Whom it runs as: a name (Debian's number, else 1000), UID or UID:GID",
            .target = &request.user,
            .value_name = "USER"},
           {.names = "--label", .help = "Labels", .target = &flags->labels, .value_name = "NAME=VALUE"},
           {.names = "--stop-signal",
            .help = "What ends it, SIGTERM unless said",
            .target = &request.stop_signal,
            .value_name = "SIGNAL"},
           {.names = "-q,--quiet", .help = "No progress on stderr", .target = &flags->quiet}},
      .run = [flags, &place] { run_pack(*flags, place); }};
}

}  // namespace tandem::image
