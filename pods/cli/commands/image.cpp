// tandem image ...: hands over to tandem-image, which has the libraries for archives and hashes, and its own --help.
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "core/os/error.hpp"
#include "core/os/signals.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/session.hpp"

namespace tandem::cli {

namespace {

[[noreturn]] void run_tandem_image(const Session& session, const std::vector<std::string>& arguments) {
  const std::string program = session.roots.libexec / "tandem-image";
  std::vector<std::string> words{"tandem image", "--store", session.roots.images()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  reset_signals();
  ::execv(program.c_str(), argv.data());
  throw Error::from_errno("run", program, errno, "it belongs to the installation; TANDEM_LIBEXEC names its directory");
}

}  // namespace

Command image_command(const Session& session) {
  auto words = std::make_shared<std::vector<std::string>>();
  return {.name = "image",
          .help = "Images: pack, ls, rm, ... (see: tandem image --help)",
          .rest = words.get(),
          .run = [&session, words] { run_tandem_image(session, *words); }};
}

}  // namespace tandem::cli
