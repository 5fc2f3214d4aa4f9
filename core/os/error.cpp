#include "core/os/error.hpp"

#include <cstring>

namespace tandem {

namespace {

std::string describe(const std::string& tried, const std::string& object, const std::string& cause,
                     const std::string& hint) {
  std::string text = tried;
  if (!object.empty()) text += (text.empty() ? "" : " ") + object;
  if (!cause.empty()) text += (text.empty() ? "" : ": ") + cause;
  if (!hint.empty()) text += " (" + hint + ")";
  return text;
}

}  // namespace

int exit_code(Fault fault) {
  switch (fault) {
    case Fault::user:
      return 64;
    case Fault::input:
      return 65;
    case Fault::environment:
      return 69;
    case Fault::bug:
      return 70;
  }
  return 70;
}

Error::Error(Fault fault, std::string tried, std::string object, std::string cause, std::string hint)
    : std::runtime_error(describe(tried, object, cause, hint)),
      fault_(fault),
      tried_(std::move(tried)),
      object_(std::move(object)),
      cause_(std::move(cause)),
      hint_(std::move(hint)) {}

Error Error::from_errno(std::string tried, std::string object, int error_number, std::string hint) {
  Error error(Fault::environment, std::move(tried), std::move(object), std::strerror(error_number), std::move(hint));
  error.error_number_ = error_number;
  return error;
}

}  // namespace tandem
