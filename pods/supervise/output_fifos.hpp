// The FIFOs that are a container's stdout and stderr.
#pragma once

#include <cstddef>
#include <filesystem>

namespace tandem::supervise {

void make_fifos(const std::filesystem::path& directory);  // DIRECTORY/stdout and stderr; existing ones stay

// What a container may say while nobody reads: as much as the kernel lets a pipe have, whoever asks. `most` is
// fs.pipe-max-size; a 64th of `pages_of_user`, fs.pipe-user-pages-soft (0: no limit), is the most that one FIFO takes
// of what all pipes of a user may have before the kernel makes new ones small.
std::size_t wanted_fifo_bytes(std::size_t most, std::size_t pages_of_user);

// Makes the FIFO as large as wanted, or as the kernel grants; never smaller than it is.
void widen_fifo(int fifo);

}  // namespace tandem::supervise
