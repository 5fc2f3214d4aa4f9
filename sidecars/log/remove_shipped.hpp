// Deletes a file that was shipped, and no other that may have got its name meanwhile.
#pragma once

#include <cstdint>
#include <string>

namespace tandem::shipper {

struct Removal {
  enum class Result {
    removed,
    written,  // somebody has it open for writing, or has just written to it
    gone,     // the name is another file's by now, or nobody's
    failed,   // `problem` says why
  };
  Result result = Result::failed;
  std::string problem;
};

// A read lease (fcntl(2)) is held meanwhile, so that nobody opens it for writing unnoticed; and the file gets a name of
// its own before it is looked at for the last time, since a name can be unlinked only whatever it is. The kernel grants
// the lease to the file's owner and to CAP_LEASE. `path` is not followed when it is a symbolic link.
Removal remove_shipped(const std::string& path, std::uint64_t device, std::uint64_t inode, std::uint64_t size);

// Files that a process which was killed in the middle of that left in a directory get their names back.
void finish_removals(const std::string& directory);

}  // namespace tandem::shipper
