// tandem image ls, rm, tag, prune, inspect.
#include "pods/image/commands.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/image/store.hpp"
#include "pods/image/store_writer.hpp"
#include "pods/state/layout.hpp"

namespace tandem::image {

namespace {

using nlohmann::ordered_json;

std::string size_text(std::uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, bytes < 100'000'000 ? "%.1f MB" : "%.0f MB", static_cast<double>(bytes) / 1e6);
  return text;
}

ordered_json image_json(const Image& image) {
  return {{"reference", image.reference},    {"id", image.id},
          {"digest", image.digest},          {"created", image.created},
          {"size", image.size_bytes},        {"user", image.user},
          {"entrypoint", image.entrypoint},  {"cmd", image.command},
          {"env", image.environment},        {"workingDir", image.working_directory},
          {"stopSignal", image.stop_signal}, {"labels", image.labels},
          {"layers", image.layers}};
}

void list(const StorePlace& place, const std::string& output) {
  std::vector<Image> images = list_images(place.images());
  std::sort(images.begin(), images.end(), [](const Image& a, const Image& b) { return a.reference < b.reference; });
  if (output == "json") {
    ordered_json all = ordered_json::array();
    for (const Image& image : images) all.push_back(image_json(image));
    std::printf("%s\n", all.dump(2).c_str());
    return;
  }
  std::size_t width = 5;
  for (const Image& image : images) width = std::max(width, image.reference.size());
  if (output != "name")
    std::printf("%-*s  %-12s  %-20s  %s\n", static_cast<int>(width), "IMAGE", "ID", "CREATED", "SIZE");
  for (const Image& image : images) {
    if (output == "name")
      std::printf("%s\n", image.reference.c_str());
    else
      std::printf("%-*s  %-12s  %-20s  %s\n", static_cast<int>(width), image.reference.c_str(),
                  image.id.substr(7, 12).c_str(), image.created.c_str(), size_text(image.size_bytes).c_str());
  }
}

void add_list(CLI::App& app, StorePlace& place) {
  auto output = std::make_shared<std::string>();
  CLI::App* ls = app.add_subcommand("ls", "List the images");
  ls->add_option("-o,--output", *output, "json or name")->check(CLI::IsMember({"json", "name"}))->type_name("FORM");
  ls->callback([output, &place] { list(place, *output); });
}

void add_remove(CLI::App& app, StorePlace& place) {
  struct Flags {
    std::vector<std::string> names;
    bool force = false;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* rm = app.add_subcommand("rm", "Remove images, and the files that no other image needs");
  rm->add_option("NAME", flags->names, "Names of images")->required()->type_name("");
  rm->add_flag("--force", flags->force, "Even when a pod uses it: its files stay until the pod is gone");
  rm->callback([flags, &place] {
    for (const std::string& name : flags->names) {
      const std::string reference = full_reference(name);
      StoreWriter(place.images(), place.pods()).remove(reference, flags->force);
      std::printf("%s removed\n", reference.c_str());
    }
  });
}

void add_tag(CLI::App& app, StorePlace& place) {
  auto names = std::make_shared<std::pair<std::string, std::string>>();
  CLI::App* tag = app.add_subcommand("tag", "Give an image a second name");
  tag->add_option("NAME", names->first, "Name of the image")->required()->type_name("");
  tag->add_option("NEW", names->second, "The other name")->required()->type_name("");
  tag->callback([names, &place] {
    const std::string target = full_reference(names->second);
    if (target.find('@') != target.npos) throw Error(Fault::user, "tag", names->second, "a tag cannot have a digest");
    StoreWriter(place.images(), place.pods()).tag(full_reference(names->first), target);
  });
}

void add_prune(CLI::App& app, StorePlace& place) {
  auto cache = std::make_shared<bool>(false);
  CLI::App* prune = app.add_subcommand("prune", "Remove files that belong to no image and that no pod uses");
  prune->add_flag("--cache", *cache, "The downloaded Debian packages too");
  prune->callback([cache, &place] {
    const std::uint64_t freed = StoreWriter(place.images(), place.pods()).prune();
    if (*cache) remove_tree(place.images() / "cache");
    std::printf("freed %s\n", size_text(freed).c_str());
  });
}

void add_inspect(CLI::App& app, StorePlace& place) {
  auto name = std::make_shared<std::string>();
  CLI::App* inspect = app.add_subcommand("inspect", "Show an image as JSON");
  inspect->add_option("NAME", *name, "Name of the image")->required()->type_name("");
  inspect->callback([name, &place] {
    const auto image = find_image(place.images(), *name);
    if (!image)
      throw Error(Fault::user, "inspect", full_reference(*name), "there is no such image", "see: tandem image ls");
    std::printf("%s\n", image_json(*image).dump(2).c_str());
  });
}

}  // namespace

std::filesystem::path StorePlace::images() const {
  return store.empty() ? state::find_roots().images() : fs::path(store);
}
std::filesystem::path StorePlace::pods() const { return state::find_roots().pods(); }

void add_commands(CLI::App& app, StorePlace& place) {
  add_pack_command(app, place);
  add_list(app, place);
  add_remove(app, place);
  add_tag(app, place);
  add_prune(app, place);
  add_inspect(app, place);
}

}  // namespace tandem::image
