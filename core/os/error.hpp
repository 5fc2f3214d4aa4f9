// The one exception type: an operation that cannot go on.
#pragma once

#include <stdexcept>
#include <string>

namespace tandem {

// Whose fault it is; also decides the exit code of a program that ends with it.
enum class Fault {
  user,         // 64: called in a wrong way (flags, names)
  input,        // 65: a manifest or config that cannot be used
  environment,  // 69: the machine lacks something (kernel facility, permission, space, peer)
  bug,          // 70: ours
};

int exit_code(Fault fault);

class Error : public std::runtime_error {
 public:
  // tried: what was tried, as a verb phrase ("mount overlay"); object: on what ("/run/x"), may be empty;
  // cause: why it failed ("Permission denied"); hint: what the reader can do, may be empty.
  // what() is "TRIED OBJECT: CAUSE (HINT)".
  Error(Fault fault, std::string tried, std::string object, std::string cause, std::string hint = "");

  // A failed system call: the cause is the text of `error_number`; the fault is `environment`.
  static Error from_errno(std::string tried, std::string object, int error_number, std::string hint = "");

  Fault fault() const { return fault_; }
  const std::string& tried() const { return tried_; }
  const std::string& object() const { return object_; }
  const std::string& cause() const { return cause_; }
  const std::string& hint() const { return hint_; }
  int error_number() const { return error_number_; }  // 0 when no system call failed

 private:
  Fault fault_;
  std::string tried_, object_, cause_, hint_;
  int error_number_ = 0;
};

}  // namespace tandem
