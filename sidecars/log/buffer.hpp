// A growing array of bytes that, unlike std::string, does not clear what it is about to write.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace tandem::shipper {

class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept { *this = std::move(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }

  // Room for n bytes at the end; write there, then commit() what was written. Earlier pointers become invalid.
  char* claim(std::size_t n) {
    if (capacity_ - size_ < n) grow(n);
    return bytes_.get() + size_;
  }
  void commit(std::size_t n) { size_ += n; }
  void append(std::string_view text) {
    text.copy(claim(text.size()), text.size());  // not memcpy: an empty text may be null
    commit(text.size());
  }
  void truncate(std::size_t size) { size_ = size; }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  void grow(std::size_t n) {
    std::size_t wanted = capacity_ ? capacity_ * 2 : 4096;
    while (wanted - size_ < n) wanted *= 2;
    std::unique_ptr<char[]> bigger(new char[wanted]);
    if (size_) std::memcpy(bigger.get(), bytes_.get(), size_);
    bytes_ = std::move(bigger);
    capacity_ = wanted;
  }
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace tandem::shipper
