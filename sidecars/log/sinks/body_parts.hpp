// A body of lines for a receiver that takes smaller ones only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tandem::shipper {

// Its first lines: as many whole ones as have `most` bytes together, but one at least.
std::string_view first_part(std::string_view lines, std::size_t most);

// What to take for `most` when a part of that size was too large: a power of two, so that a batch that is sent again
// has the same parts. 0: the part is one line, and nothing smaller can be sent.
std::size_t smaller_part(std::string_view part);

// The id of a part: the same for the same bytes of the same batch. That of a whole body is the batch's.
std::string part_id(const std::string& batch, std::string_view body, std::string_view part);

}  // namespace tandem::shipper
