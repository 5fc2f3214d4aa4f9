#include "pods/client/manifests.hpp"

#include <iostream>
#include <iterator>

#include "core/os/error.hpp"
#include "core/os/files.hpp"

namespace tandem::cli {

command_line::Option filename_option(ManifestOptions& options, bool required) {
  return {.names = "-f,--filename",
          .help = "Manifest: a file, a directory of them, or - for stdin; may be repeated",
          .target = &options.files,
          .value_name = "FILE",
          .required = required};
}

command_line::Option validate_option(ManifestOptions& options) {
  return {.names = "--validate",
          .help = "What to do with unknown and unsupported fields: strict refuses, warn says so and goes on, ignore",
          .target = &options.validate,
          .show_default = true,
          .choices = {"strict", "warn", "ignore"}};
}

namespace {

bool is_manifest(const std::string& name) {
  return name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json");
}

void read_directory(const std::string& path, std::vector<manifest::SourceText>& texts) {
  const std::size_t before = texts.size();
  for (const auto& name : list_directory(path)) {
    const std::string file = (fs::path(path) / name).string();
    if (is_manifest(name)) texts.push_back({file, read_to_end(file)});
  }
  if (texts.size() == before)
    throw Error(Fault::input, "read manifests from", path, "no *.yaml, *.yml or *.json in this directory");
}

// What cannot be read is a problem beside those of the other files.
std::vector<manifest::SourceText> read_manifests(const ManifestOptions& options, Problems& problems) {
  std::vector<manifest::SourceText> texts;
  for (const auto& file : options.files) {
    std::error_code ignored;
    try {
      if (file == "-")
        texts.push_back({"<stdin>", std::string(std::istreambuf_iterator<char>(std::cin), {})});
      else if (fs::is_directory(file, ignored))
        read_directory(file, texts);
      else
        texts.push_back({file, read_to_end(file)});
    } catch (const Error& error) {
      problems.add({error.object(), {}, "", error.cause(), "", Severity::error});
    }
  }
  return texts;
}

}  // namespace

void report(const Problems& problems) {
  if (problems.empty()) return;
  std::cerr << problems.text();
  if (problems.has_errors()) throw Exit{exit_code(Fault::input)};
}

manifest::Objects decode_manifests(const ManifestOptions& options, const Session& session, Problems& problems) {
  manifest::Options decoding;
  decoding.validation = options.validate == "strict" ? manifest::Validation::strict
                        : options.validate == "warn" ? manifest::Validation::warn
                                                     : manifest::Validation::ignore;
  decoding.name_space = session.name_space_or_default();
  decoding.only = !session.name_space.empty();
  const auto texts = read_manifests(options, problems);
  const bool unread = problems.has_errors();
  manifest::Objects objects = manifest::decode_manifests(texts, decoding, problems);
  objects.unread = objects.unread || unread;
  return objects;
}

manifest::Objects decode_or_exit(const ManifestOptions& options, const Session& session) {
  Problems problems;
  manifest::Objects objects = decode_manifests(options, session, problems);
  report(problems);
  return objects;
}

}  // namespace tandem::cli
