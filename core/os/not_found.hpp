// What was named is not there. A program that ends with it exits with 1, as kubectl does.
#pragma once

#include "core/os/error.hpp"

namespace tandem {

constexpr int not_found_code = 1;

class NotFound : public Error {
 public:
  NotFound(std::string tried, std::string object, std::string cause, std::string hint = "")
      : Error(Fault::user, std::move(tried), std::move(object), std::move(cause), std::move(hint)) {}
};

}  // namespace tandem
