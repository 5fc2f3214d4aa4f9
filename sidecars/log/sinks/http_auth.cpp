#include "sidecars/log/sinks/http_auth.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "core/text/base64.hpp"

namespace tandem::shipper {
namespace {

constexpr std::int64_t longest_secret = 64 * 1024;
constexpr std::string_view white = " \t\r\n";

}  // namespace

std::optional<std::string_view> SecretFile::read(std::string& why) {
  const auto refuse = [&](const std::string& reason) {
    why = "the secret in " + path_ + ": " + reason;
    size_ = -1;
    return std::nullopt;
  };
  unique_fd file;
  try {
    file = open_given_file(path_, O_RDONLY);
  } catch (const Error& error) {
    return refuse(error.cause());
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return refuse(std::strerror(errno));
  if (status.st_size > longest_secret) return refuse("it is larger than 64 KiB");
  const std::int64_t changed = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec;
  if (size_ == status.st_size && changed == changed_ns_ && inode_ == status.st_ino) return content_;
  std::string text(static_cast<std::size_t>(longest_secret), '\0');
  std::size_t size = 0;
  for (ssize_t count = 1; count > 0 && size < text.size(); size += static_cast<std::size_t>(count)) {
    count = ::read(file.get(), text.data() + size, text.size() - size);
    if (count < 0) return refuse(std::strerror(errno));
  }
  text.resize(size);
  text.erase(0, std::min(text.find_first_not_of(white), text.size()));
  text.erase(text.find_last_not_of(white) + 1);
  if (text.empty()) return refuse("it is empty");
  if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    return refuse("it has control characters in it");
  content_ = std::move(text);
  size_ = status.st_size;
  changed_ns_ = changed;
  inode_ = status.st_ino;
  return content_;
}

Credentials::Credentials(HttpAuth auth)
    : auth_(std::move(auth)), file_(auth_.bearer_token_file.empty() ? auth_.password_file : auth_.bearer_token_file) {}

std::optional<std::string> Credentials::authorization(std::string& why) {
  if (auth_.bearer_token_file.empty() && auth_.password_file.empty()) return "";
  const auto secret = file_.read(why);
  if (!secret) return std::nullopt;
  if (!auth_.bearer_token_file.empty()) return "Bearer " + std::string(*secret);
  return "Basic " + encode_base64(auth_.user + ":" + std::string(*secret));
}

}  // namespace tandem::shipper
