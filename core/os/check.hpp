// Turns a failed system call into an Error, and retries EINTR: here and only here.
#pragma once

#include <cerrno>
#include <string>

#include "core/os/error.hpp"

namespace tandem {

// Calls `call` until it does not fail with EINTR. Returns its result when that is not negative;
// otherwise throws Error{environment} that names `tried` and `object`.
//   int fd = check([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); }, "open", path);
template <class Call>
auto check(Call&& call, const char* tried, const std::string& object = "", const char* hint = "") -> decltype(call()) {
  for (;;) {
    auto result = call();
    if (result >= 0) return result;
    if (errno != EINTR) throw Error::from_errno(tried, object, errno, hint);
  }
}

// As check, but hands a failure back: the result, or -errno. For callers that expect some errors.
template <class Call>
auto attempt(Call&& call) -> decltype(call()) {
  for (;;) {
    auto result = call();
    if (result >= 0) return result;
    if (errno != EINTR) return -errno;
  }
}

}  // namespace tandem
