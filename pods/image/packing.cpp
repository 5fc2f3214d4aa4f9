#include "pods/image/packing.hpp"

#include <sys/stat.h>

#include <charconv>
#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/image/unpack.hpp"

namespace tandem::image {

namespace {

constexpr const char* default_path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// reproducible-builds.org: the one time that all files and the image have.
std::time_t source_date_epoch() {
  const char* text = std::getenv("SOURCE_DATE_EPOCH");
  if (!text || !*text) return 0;
  long long seconds = 0;
  const std::string_view view = text;
  const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), seconds);
  if (error != std::errc() || end != view.data() + view.size() || seconds < 0)
    throw Error(Fault::user, "use SOURCE_DATE_EPOCH", "\"" + std::string(view) + "\"", "it is not a number of seconds");
  return seconds;
}

std::string rfc3339(std::time_t time) {
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

const char* architecture() {  // Go's names
#if defined(__x86_64__)
  return "amd64";
#elif defined(__aarch64__)
  return "arm64";
#elif defined(__riscv)
  return "riscv64";
#else
#error "which GOARCH is this?"
#endif
}

bool sets_path(const std::vector<std::string>& environment) {
  for (const std::string& entry : environment)
    if (entry.starts_with("PATH=")) return true;
  return false;
}

std::string megabytes(std::uint64_t bytes) {
  const std::uint64_t tenths = (bytes + 50'000) / 100'000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MB";
}

}  // namespace

std::string make_image_config(const PackRequest& request, const PackedFiles& files, const LayerBlob& layer,
                              std::time_t modified) {
  using nlohmann::ordered_json;
  ordered_json config = ordered_json::object();
  if (!files.user.empty()) config["User"] = files.user;
  config["Env"] = ordered_json::array();
  if (!sets_path(request.environment)) config["Env"].push_back(default_path);
  for (const std::string& entry : request.environment) config["Env"].push_back(entry);
  if (!request.entrypoint.empty())
    config["Entrypoint"] = request.entrypoint;
  else if (!files.programs.empty())
    config["Entrypoint"] = ordered_json::array({files.programs.front()});
  if (!request.command.empty()) config["Cmd"] = request.command;
  if (!request.working_directory.empty()) config["WorkingDir"] = request.working_directory;
  if (!request.labels.empty()) config["Labels"] = request.labels;
  if (!request.stop_signal.empty()) config["StopSignal"] = request.stop_signal;
  const ordered_json document = {
      {"created", rfc3339(modified)},
      {"architecture", architecture()},
      {"os", "linux"},
      {"config", config},
      {"rootfs", {{"type", "layers"}, {"diff_ids", ordered_json::array({"sha256:" + layer.diff_id_hex})}}},
      {"history", ordered_json::array({{{"created", rfc3339(modified)}, {"created_by", "tandem image pack"}}})}};
  return json_text(document);
}

StoredImage pack_image(const std::filesystem::path& store, const std::filesystem::path& pods_run,
                       const std::string& reference, const PackRequest& request, const Report& report) {
  const std::time_t modified = source_date_epoch();
  fs::path root = request.root.empty() ? fs::path("/") : fs::canonical(request.root);
  if (!fs::is_directory(root)) throw Error(Fault::user, "use --root", request.root.string(), "it is not a directory");
  const StoreScratch scratch(store);
  std::map<std::string, std::vector<std::string>> package_paths;
  if (!request.packages.empty()) {
    const fs::path cache = fs::absolute(store) / "cache/debian";
    const auto archives = download_packages(request.packages, request.whole, cache, report);
    root = scratch.path() / "root";
    make_directories(root);
    package_paths = unpack_packages(archives, cache, root);
  }
  const PackedFiles files = plan_files(request, root, package_paths);

  NewImage image;
  image.reference = reference;
  image.blob = scratch.path() / "layer";
  image.layer = write_layer(files.tree, image.blob, modified);
  image.unpacked = scratch.path() / "unpacked";
  make_directories(image.unpacked, 0755);
  unpack_layer(image.blob, image.unpacked, {.whiteouts = true, .want = {}});
  image.config = make_image_config(request, files, image.layer, modified);
  const StoredImage stored = StoreWriter(store, pods_run).publish(image, rfc3339(std::time(nullptr)));
  report("packed " + std::to_string(files.tree.entries().size()) + " files, " + megabytes(image.layer.size_bytes));
  return stored;
}

}  // namespace tandem::image
