// tandem image ls, rm, tag, prune, inspect.
#include "pods/image/commands.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "core/observe/visible_output.hpp"
#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "core/os/not_found.hpp"
#include "pods/image/store.hpp"
#include "pods/image/store_writer.hpp"
#include "pods/state/layout.hpp"

namespace tandem::image {

namespace {

using command_line::Command;
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

// The stores that are read, the first before the others.
std::vector<fs::path> stores(const StorePlace& place) {
  if (::geteuid() == 0) return {place.images()};
  return {place.images(), images_of_root};
}

std::optional<Image> find_in_stores(const StorePlace& place, const std::string& name) {
  for (const fs::path& store : stores(place))
    if (auto image = find_image(store, name)) return image;
  return std::nullopt;
}

void list(const StorePlace& place, const std::string& output) {
  std::vector<Image> images;
  for (const fs::path& store : stores(place))
    for (Image& image : list_images(store)) images.push_back(std::move(image));
  std::sort(images.begin(), images.end(), [](const Image& a, const Image& b) { return a.reference < b.reference; });
  if (output == "json") {
    ordered_json all = ordered_json::array();
    for (const Image& image : images) all.push_back(image_json(image));
    std::printf("%s\n", indented_json(all, 2).c_str());
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

Command list_command(const StorePlace& place) {
  auto output = std::make_shared<std::string>();
  return {.name = "ls",
          .help = "List the images",
          .options = {{.names = "-o,--output",
                       .help = "json or name",
                       .target = output.get(),
                       .value_name = "FORM",
                       .choices = {"json", "name"}}},
          .run = [output, &place] { list(place, *output); }};
}

Command remove_command(const StorePlace& place) {
  struct Flags {
    std::vector<std::string> names;
    bool force = false;
  };
  auto flags = std::make_shared<Flags>();
  return {
      .name = "rm",
      .help = "Remove images, and the files that no other image needs",
      .options =
          {{.names = "NAME", .help = "Names of images", .target = &flags->names, .value_name = "", .required = true},
           {.names = "--force",
            .help = "Even when a pod uses it: its files stay until the pod is gone",
            .target = &flags->force}},
      .run = [flags, &place] {
        for (const std::string& name : flags->names) {
          const std::string reference = full_reference(name);
          StoreWriter(place.images(), place.pods()).remove(reference, flags->force);
          std::printf("%s removed\n", reference.c_str());
        }
      }};
}

Command tag_command(const StorePlace& place) {
  struct Names {
    std::string image, other;
  };
  auto names = std::make_shared<Names>();
  return {
      .name = "tag",
      .help = "Give an image a second name",
      .options =
          {{.names = "NAME", .help = "Name of the image", .target = &names->image, .value_name = "", .required = true},
           {.names = "NEW", .help = "The other name", .target = &names->other, .value_name = "", .required = true}},
      .run = [names, &place] {
        const std::string target = full_reference(names->other);
        if (target.find('@') != target.npos)
          throw Error(Fault::user, "tag", names->other, "a tag cannot have a digest");
        StoreWriter(place.images(), place.pods()).tag(full_reference(names->image), target);
      }};
}

Command prune_command(const StorePlace& place) {
  auto cache = std::make_shared<bool>(false);
  return {.name = "prune",
          .help = "Remove files that belong to no image and that no pod uses",
          .options = {{.names = "--cache", .help = "The downloaded Debian packages too", .target = cache.get()}},
          .run = [cache, &place] {
            const std::uint64_t freed = StoreWriter(place.images(), place.pods()).prune();
            if (*cache) remove_tree(place.images() / "cache");
            std::printf("freed %s\n", size_text(freed).c_str());
          }};
}

Command inspect_command(const StorePlace& place) {
  auto name = std::make_shared<std::string>();
  return {
      .name = "inspect",
      .help = "Show an image as JSON",
      .options =
          {{.names = "NAME", .help = "Name of the image", .target = name.get(), .value_name = "", .required = true}},
      .run = [name, &place] {
        const auto image = find_in_stores(place, *name);
        if (!image) throw NotFound("inspect", full_reference(*name), "there is no such image", "see: tandem image ls");
        std::printf("%s\n", observe::visible(indented_json(image_json(*image), 2)).c_str());
      }};
}

}  // namespace

std::filesystem::path StorePlace::images() const {
  return store.empty() ? state::find_roots().images() : fs::path(store);
}
std::filesystem::path StorePlace::pods() const { return state::find_roots().pods(); }

std::vector<Command> image_commands(const StorePlace& place) {
  return {pack_command(place), list_command(place),  remove_command(place),
          tag_command(place),  prune_command(place), inspect_command(place)};
}

}  // namespace tandem::image
