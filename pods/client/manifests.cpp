#include "pods/client/manifests.hpp"

#include <iostream>
#include <iterator>

#include "core/os/error.hpp"
#include "core/os/files.hpp"

namespace tandem::client {

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
std::vector<manifest::SourceText> read_manifests(const std::vector<std::string>& files, Problems& problems) {
  std::vector<manifest::SourceText> texts;
  for (const auto& file : files) {
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

manifest::Objects decode_files(const std::vector<std::string>& files, const manifest::Options& options,
                               Problems& problems) {
  const auto texts = read_manifests(files, problems);
  const bool unread = problems.has_errors();
  manifest::Objects objects = manifest::decode_manifests(texts, options, problems);
  objects.unread = objects.unread || unread;
  return objects;
}

}  // namespace tandem::client
